/**
 * Ranks: collectives on the engine's tensors, and a run whose ranks take the steps of a single process.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Communicator, single } from "../../../lib/distributed/mod.ts";
import { nccl } from "../../../lib/engines/torch/nccl/nccl.ts";
import { type Case, type Check, type Finding, largestError, notOk, ok, onCuda, type Place, skipped } from "../check.ts";
import { start, torchBackend } from "../engine.ts";
import { rankLosses, ranksRun } from "../ranks.ts";

/** Every collective on tensors, and what it must give where rank r of `size` has r + 1 times the numbers. */
async function collectives({ tensors, size, rank }: Communicator): Promise<number> {
  const sum = size * (size + 1) / 2;
  const own = (values: number[]) => tf.tensor1d(values.map((value) => (rank + 1) * value));
  const shared = Array.from({ length: 2 * size }, (_, i) => i + 0.5);
  const [first, second] = await tensors.allReduce([own([1, -2, 3]), own([0.25])]);
  const part = await tensors.reduceScatter(own(shared));
  const whole = await tensors.allGather(own([1, 2]));
  const [spread] = await tensors.broadcast([own([4, 5])], { root: size - 1 });
  const pairs: [tf.Tensor, number[]][] = [
    [first, [sum, -2 * sum, 3 * sum]],
    [second, [0.25 * sum]],
    [part, shared.slice(2 * rank, 2 * rank + 2).map((value) => sum * value)],
    [whole, Array.from({ length: size }, (_, of) => [of + 1, 2 * (of + 1)]).flat()],
    [spread, [4 * size, 5 * size]],
  ];
  const errors: number[] = [];
  for (const [tensor, wanted] of pairs) errors.push(largestError(await tensor.data(), wanted));
  tf.dispose(pairs.map(([tensor]) => tensor));
  return Math.max(...errors);
}

const exact = (error: number, figure: string): Finding =>
  error === 0 ? ok(figure) : notOk(`the results differ by ${error}`, { figure });

async function loopback(place: Place): Promise<Finding> {
  await start(place);
  return exact(await collectives(single()), "1 rank, 4 collectives, exact");
}

async function ncclAlone(place: Place): Promise<Finding> {
  await start(place);
  const communicator = await nccl({ control: single() });
  const error = await collectives(communicator);
  const { version } = communicator;
  communicator.dispose();
  return exact(error, `NCCL ${version}, 1 rank, 4 collectives, exact`);
}

/** Ranks of their own processes take the steps of one; on CUDA as many as there are devices. */
async function asOne(place: Place, shardOptimizer: boolean): Promise<Finding> {
  await start(place);
  const devices = torchBackend()?.torch.library.cuda?.deviceCount;
  if (devices === 1) return skipped("NCCL wants a device for each rank, there is one");
  const size = Math.min(devices ?? 2, 8);
  const alone = await rankLosses(single(), { shardOptimizer: false });
  const found = await ranksRun(place, { size, shardOptimizer });
  if (typeof found === "string") return skipped(found);
  const error = Math.max(...found.map((losses) => largestError(losses, alone)));
  const figure = `${size} ranks by ${onCuda(place) ? "NCCL" : "MPI"}, largest difference ${error.toExponential(1)}`;
  return error <= 1e-4 ? ok(figure) : notOk("at most 1e-4 is allowed", { figure });
}

/** Communicators. */
export const communicators: Check = {
  name: "ranks",
  group: "Ranks",
  about: "collectives on the engine's tensors, and ranks that take the steps of a single process",
  seconds: 120,
  runs: () => ["deno", "mpirun"],
  cases: (place): Case[] => [
    { name: "loopback", run: () => loopback(place) },
    ...(onCuda(place) ? [{ name: "NCCL", run: () => ncclAlone(place) }] : []),
    { name: "steps", run: () => asOne(place, false) },
    { name: "steps, the optimizer's state in parts", run: () => asOne(place, true) },
  ],
  expanded: true,
};
