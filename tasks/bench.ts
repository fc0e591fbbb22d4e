/**
 * Measures this machine: the training step, the loss alone, generation, loading. One JSON line a benchmark.
 *
 *     deno task bench                         all of them, on the built-in shapes
 *     deno task bench step --engine torch --student gpt2 --teacher gpt2-medium --batch 4 --rows rows.json
 *     deno task bench peer                    step and generation against PyTorch and transformers, side by side
 */
import { benchGenerate } from "./bench/generate.ts";
import { benchLoad } from "./bench/load.ts";
import { benchLoss } from "./bench/loss.ts";
import { benchPeer } from "./bench/peer.ts";
import { benchStep } from "./bench/step.ts";
import { runTask } from "./support/run_task.ts";
import { UsageError } from "./support/usage_error.ts";

const benchmarks = { step: benchStep, loss: benchLoss, generate: benchGenerate, load: benchLoad };
const all = [...Object.keys(benchmarks), "peer"];

/** Runs the task. */
export async function main(args: readonly string[]): Promise<void> {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith("-")) {
    for (const benchmark of Object.values(benchmarks)) console.log(JSON.stringify(await benchmark(args)));
    return;
  }
  if (first === "peer") {
    for await (const line of benchPeer(rest)) console.log(JSON.stringify(line));
    return;
  }
  if (!Object.hasOwn(benchmarks, first)) {
    throw new UsageError(`Cannot measure: there are ${all.join(", ")}, current value is ${first}`);
  }
  console.log(JSON.stringify(await benchmarks[first as keyof typeof benchmarks](rest)));
}

if (import.meta.main) await runTask(main);
