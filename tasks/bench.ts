/**
 * Measures this machine: the training step, the loss alone, generation, loading. A table a benchmark, with `--json` a
 * line; those below that compare or repeat print lines only.
 *
 *     deno task bench                         all of them, on the built-in shapes
 *     deno task bench step --engine torch --student gpt2 --teacher gpt2-medium --batch 4 --rows rows.json --json
 *     mpirun -n 2 deno task bench comm        latency and bandwidth between ranks, for `deno task plan --constants`
 *     mpirun -n 2 deno task bench ranks       a data-parallel step
 *     deno task bench leak --steps 1000       whether tensors or memory grow, on every engine; status 1 where they do
 *     deno task bench overhead --engine torch the overhead of a step besides its arithmetic
 *     deno task bench peer                    step and generation against PyTorch, transformers and vLLM, side by side
 *     deno task bench trl --student DIR --teacher DIR --data rows.jsonl   a run against TRL's
 */
import { benchHelp, benchmarks, ofFiles, series } from "./bench/benchmarks.ts";
import { textOf } from "./bench/measured.ts";
import { runTask } from "./support/run_task.ts";
import { HelpRequest, UsageError } from "./support/usage_error.ts";

/**
 * Runs the task.
 *
 * @param args The benchmark and its flags.
 * @returns The exit status: 1 where `leak` saw something grow.
 */
export async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === "--help" || first === "-h") throw new HelpRequest(benchHelp);
  if (first === undefined || first.startsWith("-")) {
    for (const benchmark of Object.values(benchmarks)) console.log(textOf(await benchmark(args)));
    return 0;
  }
  if (Object.hasOwn(series, first)) {
    let level = true;
    for await (const line of series[first as keyof typeof series](rest)) {
      console.log(JSON.stringify(line));
      level &&= !("level" in line) || line.level !== false;
    }
    return level ? 0 : 1;
  }
  const single = { ...benchmarks, ...ofFiles };
  if (!Object.hasOwn(single, first)) {
    const all = Object.keys({ ...single, ...series });
    throw new UsageError(`Cannot measure: there are ${all.join(", ")}, current value is ${first}`);
  }
  console.log(textOf(await single[first as keyof typeof single](rest)));
  return 0;
}

if (import.meta.main) await runTask(main);
