import fc from "fast-check";
import { cacheShare, choosePlan, evaluateChoice, NoPlanError, planMemory } from "../../lib/planning/mod.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { anyChoice, anyCluster, clusterOf, device, plain, planOptions, rows, student, teacher } from "./pair.ts";

Deno.test("planMemory() cuts the optimizer's memory by the world size, and the peak by no more than that", () => {
  fc.assert(fc.property(anyChoice, fc.integer({ min: 2, max: 512 }), (choice, devices) => {
    const memory = (shardOptimizer: boolean) =>
      planMemory({ student, teacher, devices, rows, choice: { ...choice, shardOptimizer }, fused: true });
    const [whole, sharded] = [memory(false), memory(true)];
    assertEquals(whole.optimizer, 8 * 124_439_808);
    assertEquals(sharded.optimizer, Math.ceil(whole.optimizer / devices));
    assertEquals(whole.peak - sharded.peak, whole.optimizer - sharded.optimizer);
  }));
});

Deno.test("planMemory() needs less with recomputation and smaller groups of rows", () => {
  fc.assert(fc.property(anyChoice, (choice) => {
    const peak = (change: object) =>
      planMemory({ student, teacher, devices: 8, rows, choice: { ...choice, ...change }, fused: true }).peak;
    const { microBatchRows } = choice;
    return peak({ recompute: true }) <= peak({ recompute: false }) &&
      peak({ microBatchRows: 1, rowsPerDevice: 65 }) <= peak({ microBatchRows, rowsPerDevice: 65 });
  }));
});

Deno.test("cacheShare() by hand, and between nothing and all but the first epoch", () => {
  assertEquals(cacheShare({ epochs: 1, ranks: 7 }).hits, 0);
  assertAllClose(cacheShare({ epochs: 1, ranks: 7 }).kept, [1 / 7]);
  assertAllClose(cacheShare({ epochs: 20, ranks: 1 }).hits, [0.95]);
  // Two ranks, three epochs: met before with probability 0, ½, ¾.
  assertAllClose(cacheShare({ epochs: 3, ranks: 2 }).hits, [1.25 / 3]);
  assertAllClose(cacheShare({ epochs: 3, ranks: 2, shared: true }).hits, [2 / 3]);
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 600 }), (epochs, ranks) => {
    const [own, shared] = [false, true].map((shared) => cacheShare({ epochs, ranks, shared }).hits);
    return own >= 0 && own <= shared + 1e-9 && shared < 1;
  }));
  assertThrows(() => cacheShare({ epochs: 0, ranks: 1 }), RangeError, "epochs must be at least 1");
});

Deno.test("choosePlan() takes what fits, and of what fits nothing is 2 % faster", () => {
  fc.assert(
    fc.property(anyCluster, anyChoice, (cluster, other) => {
      const options = { ...planOptions(cluster), largestBatch: 64 * cluster.devices };
      const plan = choosePlan(options);
      assert(plan.fits && plan.memory.peak <= 0.9 * device.memory);
      assert(plan.batch === plan.choice.rowsPerDevice * cluster.devices && plan.batch <= options.largestBatch);
      const { hits } = cacheShare({ epochs: 20, ranks: cluster.devices });
      const rowsPerDevice = 2 ** Math.floor(Math.log2(other.rowsPerDevice));
      const choice = { ...other, rowsPerDevice, microBatchRows: rowsPerDevice, cached: other.cached > 0.5 ? hits : 0 };
      const rival = evaluateChoice(cluster.devices > 1 ? choice : { ...choice, shardOptimizer: false }, options);
      assert(!rival.fits || rival.rowsPerSecond * 0.98 <= plan.rowsPerSecond * (1 + 1e-9));
    }),
    { numRuns: 30 },
  );
});

Deno.test("choosePlan() shards, splits and recomputes where memory asks for it, and reports it", () => {
  const small = (memory: number) => planOptions(clusterOf(8, 1, { device: { ...device, memory } }));
  const roomy = choosePlan({ ...small(80e9), batch: 64 });
  assertEquals([roomy.choice.recompute, roomy.choice.microBatchRows], [false, 8]);
  const whole = planMemory({
    student,
    teacher,
    devices: 8,
    rows,
    choice: { ...plain, microBatchRows: 1 },
    fused: true,
  });
  const tight = choosePlan({ ...small((whole.peak - 4e8) / 0.9), batch: 64, mayRecompute: false });
  assertEquals(tight.choice.shardOptimizer, true);
  assert(/^on: without it .* would be needed/.test(tight.reasons.sharding), tight.reasons.sharding);
  const least = planMemory({
    student,
    teacher,
    devices: 8,
    rows,
    fused: true,
    choice: { ...plain, rowsPerDevice: 512, microBatchRows: 1, shardOptimizer: true, recompute: true },
  });
  const tightest = choosePlan({ ...small(1.0001 * least.peak / 0.9), batch: 4096 });
  assertEquals([tightest.choice.recompute, tightest.choice.microBatchRows], [true, 1]);
  assert(/^on: /.test(tightest.reasons.recomputation), tightest.reasons.recomputation);
  assert(/, 1 at once because more do not fit/.test(tightest.reasons.batch), tightest.reasons.batch);
  assertThrows(
    () => choosePlan({ ...small(0.9999 * least.peak / 0.9), batch: 4096 }),
    NoPlanError,
    "Cannot plan for 8 devices: even one row at a time, sharded and recomputed, needs",
  );
});

Deno.test("choosePlan() keeps teacher states where they are met again and fit, and reports why it does not", () => {
  const alone = { ...planOptions(clusterOf(1, 1)), batch: 32 };
  assert(choosePlan(alone).choice.cached > 0.9);
  const reason = (change: object) => choosePlan({ ...alone, ...change }).reasons.teacherCache;
  assertEquals(reason({ data: { rows: 11_000, epochs: 1 } }), "off: each row is used once");
  assertEquals(reason({ teacher: undefined }), "off: there is no teacher");
  assert(/do not fit into the host's memory/.test(reason({ hostMemory: 1e9 })), reason({ hostMemory: 1e9 }));
  const many = { ...planOptions(clusterOf(512, 64)), batch: 512 };
  assert(/^off: .* would give only/.test(choosePlan(many).reasons.teacherCache));
  assert(choosePlan({ ...many, cluster: clusterOf(512, 1), sharedCache: true }).choice.cached > 0.9);
});

Deno.test("choosePlan() deals a batch that the devices do not divide, and times the rank with the most", () => {
  const plan = choosePlan({ ...planOptions(clusterOf(3, 1)), batch: 32 });
  assertEquals([plan.batch, plan.choice.rowsPerDevice], [32, 11]);
  assert(/11 rows per device at most, for 32 are dealt unevenly/.test(plan.reasons.batch), plan.reasons.batch);
  assertAllClose(plan.rowsPerSecond, [32 / plan.time.seconds]);
});

Deno.test("choosePlan() refuses invalid arguments, naming them", () => {
  const options = planOptions(clusterOf(1, 1));
  const refuse = (change: object, text: string) =>
    assertThrows(() => choosePlan({ ...options, ...change }), RangeError, text);
  refuse({ batch: 0 }, "batch must be a positive whole number");
  refuse({ largestBatch: 1.5 }, "largestBatch must be a positive whole number");
  refuse({ data: { rows: 0, epochs: 1 } }, "the data's rows must be a positive whole number");
  refuse({ hostMemory: 0 }, "hostMemory must be above 0");
  refuse(
    { rows: { ...rows, responseTokens: 200 } },
    "the responses' mean length must be above 0 and below the rows' 100",
  );
  refuse({ rows: { ...rows, longest: 50 } }, "the longest row must be at least the mean 100");
});
