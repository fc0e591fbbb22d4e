/**
 * Measures this machine: the training step, the loss alone, generation, loading. A table a benchmark, with `--json` a
 * line; those below that compare or repeat print lines only.
 *
 *     deno task bench                         all of them, on the built-in shapes
 *     deno task bench step --engine torch --student gpt2 --teacher gpt2-medium --batch 4 --rows rows.json --json
 *     mpirun -n 2 deno task bench comm        latency and bandwidth between ranks, for `deno task plan --constants`
 *     mpirun -n 2 deno task bench ranks       a data-parallel step
 *     deno task bench leak --steps 1000       whether tensors or memory grow, on every engine; status 1 where they do
 *     deno task bench overhead --engine torch what a step costs beside its arithmetic
 *     deno task bench peer                    step and generation against PyTorch and transformers, side by side
 */
import { benchComm } from "./bench/comm.ts";
import { benchGenerate } from "./bench/generate.ts";
import { benchLeak } from "./bench/leak.ts";
import { benchLoad } from "./bench/load.ts";
import { benchLoss } from "./bench/loss.ts";
import { textOf } from "./bench/measured.ts";
import { benchOverhead } from "./bench/overhead.ts";
import { benchPeer } from "./bench/peer.ts";
import { benchRanks } from "./bench/ranks.ts";
import { benchStep } from "./bench/step.ts";
import { runTask } from "./support/run_task.ts";
import { HelpRequest, UsageError } from "./support/usage_error.ts";

const benchmarks = {
  step: benchStep,
  loss: benchLoss,
  generate: benchGenerate,
  load: benchLoad,
  overhead: benchOverhead,
};
/** Those of several lines, or of several processes. */
const series = { peer: benchPeer, comm: benchComm, ranks: benchRanks };
const all = [...Object.keys(benchmarks), "leak", ...Object.keys(series)];

const helpText = `Usage: deno task bench [BENCHMARK] [flags]

Measure this machine.

Benchmarks:
  step       the training step
  loss       head and loss alone, in chunks and at once
  generate   writing of responses
  load       loading of weights
  overhead   what a step costs beside its arithmetic
             without a name, all of these
  leak       whether tensors or memory grow; status 1 where they do
  peer       step and generation against PyTorch and transformers
  comm       latency and bandwidth between ranks, under mpirun
  ranks      a data-parallel step, under mpirun

"deno task bench step --help" shows the flags of one.`;

/**
 * Runs the task.
 *
 * @param args The benchmark and its flags.
 * @returns The exit status: 1 where `leak` saw something grow.
 */
export async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === "--help" || first === "-h") throw new HelpRequest(helpText);
  if (first === undefined || first.startsWith("-")) {
    for (const benchmark of Object.values(benchmarks)) console.log(textOf(await benchmark(args)));
    return 0;
  }
  if (Object.hasOwn(series, first)) {
    for await (const line of series[first as keyof typeof series](rest)) console.log(JSON.stringify(line));
    return 0;
  }
  if (first === "leak") {
    let level = true;
    for await (const line of benchLeak(rest)) {
      console.log(JSON.stringify(line));
      level &&= line.level !== false;
    }
    return level ? 0 : 1;
  }
  if (!Object.hasOwn(benchmarks, first)) {
    throw new UsageError(`Cannot measure: there are ${all.join(", ")}, current value is ${first}`);
  }
  console.log(textOf(await benchmarks[first as keyof typeof benchmarks](rest)));
  return 0;
}

if (import.meta.main) await runTask(main);
