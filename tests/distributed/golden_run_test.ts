/** The reference runs on several ranks: what one process computes, at every step. */
import type { StepResult } from "../../lib/training/step/trainer.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { ranks, testWithMpi, testWithTwoHosts } from "../support/ranks.ts";
import { type TwoHosts, twoHosts } from "../support/two_hosts.ts";

interface Taken {
  log: StepResult[];
  norms: number[];
  optimizerBytes: number;
  leaked: number;
  host: string;
}

const golden: { runs: { log: { loss: number; lm: number; kd: number; grad_norm: number }[] }[] } = JSON.parse(
  await Deno.readTextFile(new URL("../golden/run/golden.json", import.meta.url)),
);
const program = new URL("./programs/golden_run.ts", import.meta.url);

/** What each rank has of each run. */
async function take(size: number, runs: string[], hosts?: TwoHosts): Promise<Record<string, Taken[]>> {
  const lines = await ranks<{ rank: number; taken: Record<string, Taken> }>(size, program, { args: runs, hosts });
  return Object.fromEntries(runs.map((run) => [run, lines.map(({ taken }) => taken[run])]));
}

let alone: Promise<Record<string, Taken[]>> | undefined;
/** The runs on one rank, taken once. */
const onOne = () => alone ??= take(1, ["0", "1", "2"]);

const close = { atol: 1e-5, rtol: 0 };

/** Checks every rank's figures and weights against those of one rank. */
function assertSame(taken: Taken[], one: Taken): void {
  for (const { log, norms, leaked } of taken) {
    assertEquals(log.length, one.log.length);
    for (const [step, expected] of one.log.entries()) {
      const figures = ({ loss, lmLoss, distillLoss, gradNorm }: StepResult) => [loss, lmLoss, distillLoss, gradNorm];
      assertAllClose(figures(log[step]), figures(expected), close);
      const { measures } = expected;
      assertAllClose(Object.values(log[step].measures ?? {}), Object.values(measures ?? {}), close);
    }
    assertAllClose(norms, one.norms, { atol: 1e-5, rtol: 1e-5 });
    assertEquals(norms, taken[0].norms); // the same bits on every rank
    assertEquals(leaked, 0);
  }
}

testWithMpi("Trainer under mpirun takes the steps of the reference runs on one rank", async () => {
  for (const [run, [{ log }]] of Object.entries(await onOne())) {
    const expected = golden.runs[Number(run)].log.map(({ loss, grad_norm }) => [loss, grad_norm]);
    const figures = log.map(({ loss, gradNorm }) => [loss, gradNorm]);
    assertAllClose(figures.flat(), expected.flat(), { atol: 1e-3, rtol: 1e-3 });
  }
});

for (const [size, runs] of [[2, ["0", "1", "2"]], [3, ["0"]], [4, ["2"]]] as const) {
  testWithMpi(`Trainer takes the steps of reference runs on ${size} ranks as on one, sharded too`, async () => {
    const taken = await take(size, [...runs, "1 sharded"]);
    const one = await onOne();
    for (const [name, ranks] of Object.entries(taken)) assertSame(ranks, one[name[0]][0]);
    const whole = one[1][0].optimizerBytes;
    const bytes = taken["1 sharded"].map(({ optimizerBytes }) => optimizerBytes);
    assertEquals(bytes.reduce((sum, each) => sum + each, 0), whole);
    // Every bucket is cut into equal parts, so that a part is longer by a number or two a bucket at most.
    assert(Math.max(...bytes) <= whole / size + 64, `${bytes} of ${whole}`);
  });
}

testWithTwoHosts("Trainer takes the steps of the reference runs on two hosts, over TCP, as on one", async () => {
  await using hosts = await twoHosts();
  const before = await hosts.sent();
  const one = await onOne();
  for (const [name, ranks] of Object.entries(await take(2, ["0", "1 sharded"], hosts))) {
    assertSame(ranks, one[name[0]][0]);
    assertEquals(new Set(ranks.map(({ host }) => host)).size, 2);
  }
  assert(await hosts.sent() - before > 1e6); // the gradients of the steps went through the cable
});

testWithMpi("Trainer lets ranks that have no row take part: six ranks, four rows a step", async () => {
  const { "2 sharded": taken } = await take(6, ["2 sharded"]);
  assertSame(taken, (await onOne())[2][0]);
});
