/** Whole runs on several ranks: the events of one process, checkpoints that any number goes on from. */
import type { DistillEvent, StepEvent } from "../../lib/training/run/distill.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { ranks, testWithMpi } from "../support/ranks.ts";

interface Line {
  rank: number;
  events: DistillEvent[];
  norms: number[];
  error?: string;
}

const program = new URL("./programs/distill_run.ts", import.meta.url);

/** Runs on ranks, with checkpoints where a folder is given. */
function run(size: number, { folder = "", ...changes }: { folder?: string; [option: string]: unknown } = {}) {
  return ranks<Line>(size, program, {
    args: [folder, JSON.stringify(changes)],
    permissions: ["--allow-write", "--allow-env"],
  });
}

let alone: Promise<Line> | undefined;
const onOne = () => alone ??= run(1).then(([line]) => line);

const typesOf = ({ events }: Line) =>
  events.filter(({ type }) => type !== "warning").map(({ type, step }) => `${type} ${step}`);
const stepsOf = ({ events }: Line) => events.filter((event): event is StepEvent => event.type === "step");
const close = { atol: 1e-5, rtol: 1e-5 };

/** Checks what every rank saw, from a step on, against what one process saw. */
function assertSame(lines: Line[], one: Line, from = 0): void {
  for (const line of lines) {
    assertEquals(line.error, undefined);
    const expected = stepsOf(one).slice(from);
    const steps = stepsOf(line);
    assertEquals(
      steps.map(({ step, source, tokens }) => [step, source, tokens]),
      expected.map(({ step, source, tokens }) => [step, source, tokens]),
    );
    const figures = ({ loss, lmLoss, distillLoss, gradNorm }: StepEvent) => [loss, lmLoss, distillLoss, gradNorm];
    assertAllClose(steps.flatMap(figures), expected.flatMap(figures), close);
    const validations = ({ events }: Line) =>
      events.flatMap((event) =>
        event.type === "validation" && event.step > from ? [event.validLoss, event.averageValidLoss!] : []
      );
    assertAllClose(validations(line), validations(one), close);
    assertAllClose(line.norms, one.norms, close);
    assertEquals(line.norms, lines[0].norms); // the same bits on every rank
  }
}

for (const size of [2, 3]) {
  testWithMpi(`distill() on ${size} ranks goes as on one: responses, replay, cache, average, validation`, async () => {
    const one = await onOne();
    const lines = await run(size);
    assertSame(lines, one);
    for (const line of lines) assertEquals(typesOf(line), typesOf(one));
    const samples = ({ events }: Line) => events.flatMap((event) => event.type === "sample" ? [event.samples] : []);
    for (const line of lines) assertEquals(samples(line), samples(one));
    assertEquals(stepsOf(one).some(({ source }) => source !== "corpus"), true);
  });
}

testWithMpi(
  "distill() on 3 ranks weighs tokens by position and by field, and holds to a reference, as on one",
  async () => {
    const [one] = await run(1, { weighed: true });
    assertSame(await run(3, { weighed: true }), one);
    // The objective is another than that of the runs above.
    assertEquals(stepsOf(one)[0].loss === stepsOf(await onOne())[0].loss, false);
  },
);

testWithMpi(
  "distill() stops on all ranks when one gets the signal, and another number of ranks resumes from there",
  async () => {
    const one = await onOne();
    const folder = await Deno.makeTempDir();
    const first = await run(3, { folder, stop: { rank: 2, step: 2 }, shardOptimizer: true });
    for (const line of first) assertEquals(typesOf(line).at(-1), "stopped 2");
    const second = await run(1, { folder, stop: { rank: 0, step: 5 } });
    assertSame(second.map((line) => ({ ...line, norms: one.norms })), {
      ...one,
      events: one.events.filter(({ step }) => step <= 5),
    }, 2);
    const last = await run(2, { folder, shardOptimizer: true });
    assertSame(last, one, 5);
    for (
      const [lines, text] of [[second, "ranks is 3 there, absent here"], [
        last,
        "ranks is absent there, 2 here",
      ]] as const
    ) {
      for (const { events } of lines) {
        assert(
          events.some((event) => event.type === "warning" && event.message.includes(text)),
          text,
        );
      }
    }
  },
);

testWithMpi("distill() saves the run on all ranks when the server of one is lost, and goes on from there", async () => {
  const changes = { policy: { name: "off" }, microBatchSize: 1 };
  const never = 1e9;
  const [one] = await run(1, { ...changes, lost: { rank: 0, request: never } });
  const folder = await Deno.makeTempDir();
  const lost = await run(2, { ...changes, folder, lost: { rank: 1, request: 6 } });
  for (const [rank, { error }] of lost.entries()) {
    const text = /^TeacherError: (rank 1: )?Cannot learn from it: it is gone; the run is saved in .*step-00000003/;
    assert(text.test(error ?? ""), `rank ${rank}: ${error}`);
  }
  for (const line of lost) assertEquals(typesOf(line).at(-1), "checkpoint 3");
  assertSame(await run(2, { ...changes, folder, lost: { rank: 0, request: never } }), one, 3);
});

testWithMpi("distill() refuses ranks that were given different work, and reports where they differ", async () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ batchSize: 3 }, /batchSize is 3 on rank 1, 4 on rank 0/],
    [{ rows: 9 }, /rows is 9 rows of hash \w+ on rank 1, 10 rows of hash \w+ on rank 0/],
    [{ studentSeed: 5 }, /student's hash is \w+ on rank 1, \w+ on rank 0/],
  ];
  for (const [changes, text] of cases) {
    for (const { error } of await run(2, { odd: 1, ...changes })) assert(text.test(error ?? ""), `${error}`);
  }
});

testWithMpi("distill() on ranks reports on all of them why the first could not continue", async () => {
  const folder = await Deno.makeTempDir();
  await run(2, { folder, totalSteps: 3 });
  const [first, second] = await run(2, { folder, resume: false });
  assert(/^RangeError: Cannot start a run: .* must have no checkpoints/.test(first.error ?? ""), first.error);
  assert(/^RankError: rank 0: Cannot start a run/.test(second.error ?? ""), second.error);
});

testWithMpi("distill() tells the first rank the warnings of all, once where they are the same", async () => {
  const warnings = ({ events }: Line) => events.flatMap((event) => event.type === "warning" ? [event.message] : []);
  const [own] = await run(2, { odd: 1, availableMemory: 1 });
  assertEquals(warnings(own).map((warning) => /^rank 1: about .* of memory will be needed/.test(warning)), [true]);
  const [common] = await run(2, { availableMemory: 1, totalSteps: 1 });
  assertEquals(warnings(common).map((warning) => /^about .* of memory will be needed/.test(warning)), [true]);
});

testWithMpi(
  "distill() shares out the slots of any optimizer, and another number of ranks resumes with them",
  async () => {
    // The sign of an update may turn with rounding, so that steps are small and the comparison is wider.
    const changes = { optimizer: { rule: "lion", learningRate: 1e-4 }, policy: { name: "off" } };
    const [one] = await run(1, changes);
    const folder = await Deno.makeTempDir();
    const shared = await run(2, { ...changes, folder, shardOptimizer: true, stop: { rank: 0, step: 5 } });
    const [last] = await run(1, { ...changes, folder });
    const losses = [...stepsOf(shared[0]), ...stepsOf(last)].map(({ loss }) => loss);
    assertAllClose(losses, stepsOf(one).map(({ loss }) => loss), { atol: 1e-4 });
    const [adamw] = await run(1, { ...changes, optimizer: { learningRate: 1e-4 }, folder });
    assert(adamw.error?.includes("optimizer.rule is lion there"), adamw.error);
  },
);
