/**
 * Scores a model on held-out instructions, or several models on several sets in one table.
 *
 *     deno task evaluate --model runs/quickstart/student --test-rows 700
 *     deno task evaluate --models teacher=runs/teacher/model,amid=runs/amid/student --sets dolly=data/dolly --seeds 10,20
 */
import { evaluateCorpus } from "./support/evaluate_corpus.ts";
import { evaluateOnSets } from "./support/evaluate_on_sets.ts";
import { evaluateTask } from "./support/evaluate_setup.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 */
export async function main(args: readonly string[], root = "runs"): Promise<void> {
  const { config, origins } = await parseTask({ ...evaluateTask, args });
  const result = config.sets === undefined
    ? JSON.stringify(await evaluateCorpus(config, origins), null, 2)
    : await evaluateOnSets(config, root);
  if (result !== undefined) console.log(result);
}

if (import.meta.main) await runTask(main);
