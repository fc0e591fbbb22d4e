import fc from "fast-check";
import {
  type Cluster,
  describeModel,
  exposedSeconds,
  fitDevice,
  type PlanChoice,
  stepTime,
  stepWork,
} from "../../lib/planning/mod.ts";
import { slowestFactor } from "../../lib/planning/row_shape.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { anyChoice, anyCluster, clusterOf, device, plain, rows, student, teacher } from "./pair.ts";

const timeOf = (cluster: Cluster, choice: PlanChoice, more: object = {}) =>
  stepTime({ student, teacher, cluster, rows, choice, fused: true, ...more });

Deno.test("stepWork() is six operations a parameter and token, and the attention, by hand", () => {
  // Two blocks of width 4, 48 parameters in each block's matrices times 4: qkv 48, output 16, inner 64 + 64.
  const model = describeModel({
    model_type: "gpt2",
    vocab_size: 10,
    n_positions: 16,
    n_embd: 4,
    n_layer: 2,
    n_head: 2,
  });
  const batch = { rows: 2, positions: 16, keptTokens: 16 };
  const work = stepWork({ student: model, batch, fused: true });
  const forward = 2 * 192 * 2 * 16 + 2 * 2 * (16 * 16 / 2) * 4;
  assertEquals(work.forward, forward);
  assertEquals(work.backward, 2 * forward);
  assertEquals(work.head, 3 * 2 * 16 * 10 * 4);
  assertEquals(work.teacher, 0);
  assertEquals(stepWork({ student: model, batch, fused: true, recompute: true }).backward, 3 * forward);
  const parameters = 10 * 4 + 16 * 4 + 2 * (192 + 12 + 4 + 16 + 4 + 4 * 4) + 2 * 4;
  assertEquals(work.optimizerBytes, 32 * parameters);
});

Deno.test("stepWork() has a teacher whose kept states save its blocks, not its head", () => {
  const batch = { rows: 4, positions: 400, keptTokens: 200 };
  const [fresh, half, kept] = [0, 0.5, 1].map((cached) => stepWork({ student, teacher, batch, cached }));
  assertAllClose(half.teacher, [fresh.teacher / 2], { atol: 0 });
  assertEquals(kept.teacher, 0);
  assertEquals(kept.head, fresh.head);
  assertThrows(() => stepWork({ student, batch, cached: 2 }), RangeError, "cached must be from 0 to 1");
});

Deno.test("exposedSeconds() by hand: the last bucket is never hidden, nor what is ready late", () => {
  const base = { early: 40, late: 0, bucket: 10, seconds: (bytes: number) => bytes / 10 };
  // Buckets are ready at 2, 4, 6 and 8 and take 1 each.
  assertAllClose(exposedSeconds({ ...base, backward: 8 }), [1]);
  // All of it is ready at once.
  assertAllClose(exposedSeconds({ ...base, backward: 0 }), [4]);
  // Ready at ½, 1, 1½ and 2; they end at 1½, 2½, 3½ and 4½.
  assertAllClose(exposedSeconds({ ...base, backward: 2 }), [2.5]);
  assertAllClose(exposedSeconds({ ...base, backward: 8, late: 15 }), [1 + 1.5]);
  assertThrows(() => exposedSeconds({ ...base, backward: 1, bucket: 0 }), RangeError, "current value is 0");
});

Deno.test("stepTime() of two devices by hand", () => {
  const between = { latency: 0, bandwidth: 1e10 };
  const cluster = clusterOf(2, 2, { between, device: { ...device, stepOverhead: 0, batchOverhead: 0 } });
  const even = { ...rows, deviation: 0 };
  const time = stepTime({ student, cluster, rows: even, choice: plain, fused: true });
  const work = stepWork({ student, batch: { rows: 8, positions: 800, keptTokens: 400 }, fused: true });
  const compute = (work.forward + work.head + work.backward) / 1e14 + (work.lossBytes + work.optimizerBytes) / 1e12;
  const sent = 4 * 124_439_808 / 1e10; // two messages of half the gradient
  const packed = 4 * 2 * 4 * 124_439_808 / 1e12; // four copies, each read and written
  assertAllClose([time.seconds, time.exposed, time.packing], [compute + sent + packed, sent, packed], { atol: 1e-9 });
  assertAllClose(time.efficiency, [compute / (compute + sent + packed)]);
});

Deno.test("stepTime() is never slower with more bandwidth, less latency or overlap", () => {
  fc.assert(
    fc.property(anyCluster, anyChoice, fc.double({ min: 1, max: 100, noNaN: true }), (cluster, choice, times) => {
      const { between: { latency, bandwidth } } = cluster;
      const { seconds } = timeOf(cluster, choice);
      const faster = (between: Cluster["between"]) => timeOf({ ...cluster, between }, choice).seconds;
      return faster({ latency, bandwidth: bandwidth * times }) <= seconds * (1 + 1e-12) &&
        faster({ latency: latency / times, bandwidth }) <= seconds * (1 + 1e-12) &&
        timeOf(cluster, choice, { overlap: true }).seconds <= seconds * (1 + 1e-12);
    }),
  );
});

Deno.test("stepTime() has an efficiency of at most 1, and of 1 on one device alone", () => {
  fc.assert(fc.property(anyCluster, anyChoice, (cluster, choice) => {
    const { efficiency, seconds, exposed, communication, waiting } = timeOf(cluster, choice, { overlap: true });
    return efficiency > 0 && efficiency <= 1 + 1e-12 && exposed >= 0 && exposed <= communication * (1 + 1e-12) &&
      waiting >= 0 && Number.isFinite(seconds);
  }));
  assertAllClose(timeOf(clusterOf(1, 1), plain).efficiency, [1]);
});

Deno.test("stepTime() shares cores: twice the ranks on them take twice as long to compute", () => {
  const [two, four] = [2, 4].map((ranks) => timeOf(clusterOf(ranks, 1, { independent: 2 }), plain));
  assertAllClose(
    [four.forward, four.optimizer, four.overhead],
    [two.forward, two.optimizer, two.overhead].map((s) => 2 * s),
  );
});

Deno.test("stepTime() refuses invalid arguments, naming them", () => {
  assertThrows(() => timeOf(clusterOf(9, 2), plain), RangeError, "devices must be a multiple of the 2 nodes");
  assertThrows(() => timeOf(clusterOf(0, 1), plain), RangeError, "devices must be a positive whole number");
  const slow = clusterOf(1, 1, { device: { ...device, flops: 0 } });
  assertThrows(() => timeOf(slow, plain), RangeError, "flops must be above 0, current value is 0");
  assertThrows(() => timeOf(clusterOf(1, 1), { ...plain, rowsPerDevice: 0 }), RangeError, "rowsPerDevice");
});

Deno.test("slowestFactor() is 1 unless one row is more than a rank's share, grows with ranks, and is bounded by the longest", () => {
  assertEquals(slowestFactor({ ...rows, deviation: 0 }, { rows: 1, ranks: 100 }), 1);
  assertEquals(slowestFactor(rows, { rows: 1, ranks: 1 }), 1);
  assertEquals(slowestFactor(rows, { rows: 8, ranks: 64 }), 1);
  const factors = [2, 4, 32].map((ranks) => slowestFactor(rows, { rows: 1, ranks }));
  assert(1 < factors[0] && factors[0] < factors[1] && factors[1] < factors[2], `${factors}`);
  assertEquals(slowestFactor({ ...rows, deviation: 1e4 }, { rows: 1, ranks: 512 }), 4);
  assertEquals(slowestFactor({ ...rows, deviation: 1e4 }, { rows: 2, ranks: 512 }), 2);
});

Deno.test("fitDevice() finds the rate and the overhead that steps were made of", () => {
  const timings = [1, 4, 16].map((count) => {
    const work = stepWork({ student, teacher, batch: { rows: count, positions: 100 * count, keptTokens: 50 * count } });
    const { teacher: blocks, forward, head, backward, lossBytes, optimizerBytes } = work;
    return { work, seconds: 0.25 + (blocks + forward + head + backward) / 2e11 + (lossBytes + optimizerBytes) / 8e9 };
  });
  const { flops, stepOverhead } = fitDevice(timings, 8e9);
  assertAllClose([flops / 2e11, stepOverhead], [1, 0.25]);
  assertThrows(() => fitDevice([], 1e9), RangeError, "at least one measured step is needed");
  assertThrows(() => fitDevice([{ ...timings[0], seconds: 1e-3 }], 8e9), RangeError, "current value is 0.001 s");
});
