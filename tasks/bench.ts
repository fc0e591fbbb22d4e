/**
 * Measures this machine: the training step, the loss alone, generation, loading. One JSON line a benchmark.
 *
 *     deno task bench                         all of them, on the built-in shapes
 *     deno task bench step --engine torch --student gpt2 --teacher gpt2-medium --batch 4 --rows rows.json
 *     mpirun -n 2 deno task bench comm        latency and bandwidth between ranks, for `deno task plan --constants`
 *     deno task bench peer                    step and generation against PyTorch and transformers, side by side
 */
import { benchComm } from "./bench/comm.ts";
import { benchGenerate } from "./bench/generate.ts";
import { benchLoad } from "./bench/load.ts";
import { benchLoss } from "./bench/loss.ts";
import { benchPeer } from "./bench/peer.ts";
import { benchStep } from "./bench/step.ts";
import { runTask } from "./support/run_task.ts";
import { UsageError } from "./support/usage_error.ts";

const benchmarks = { step: benchStep, loss: benchLoss, generate: benchGenerate, load: benchLoad };
/** Those of several lines. */
const series = { peer: benchPeer, comm: benchComm };
const all = [...Object.keys(benchmarks), ...Object.keys(series)];

/** Runs the task. */
export async function main(args: readonly string[]): Promise<void> {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith("-")) {
    for (const benchmark of Object.values(benchmarks)) console.log(JSON.stringify(await benchmark(args)));
    return;
  }
  if (Object.hasOwn(series, first)) {
    for await (const line of series[first as keyof typeof series](rest)) console.log(JSON.stringify(line));
    return;
  }
  if (!Object.hasOwn(benchmarks, first)) {
    throw new UsageError(`Cannot measure: there are ${all.join(", ")}, current value is ${first}`);
  }
  console.log(JSON.stringify(await benchmarks[first as keyof typeof benchmarks](rest)));
}

if (import.meta.main) await runTask(main);
