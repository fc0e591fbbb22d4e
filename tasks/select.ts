/**
 * Picks the best checkpoint of a run by its answers to the validation split, or by the loss on it.
 *
 *     deno task select --run runs/amid
 */
import { join } from "node:path";
import { renderTexts } from "../lib/datasets/corpus.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { readTexts } from "./support/ready_corpus.ts";
import { modelConfigOf } from "../lib/models/model_config_of.ts";
import { candidatesOf, readCandidate, RUN_SCORES } from "../lib/runs/selection/candidates.ts";
import { selectCheckpoint } from "../lib/runs/selection/select_checkpoint.ts";
import { lengthsWithin } from "./support/length_fields.ts";
import { readRunConfig } from "./support/run_config.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { countedProgress } from "./support/counted_progress.ts";
import { repetitionOf } from "./support/repetition_fields.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { selectTable, selectTask } from "./support/select_setup.ts";
import { useTaskEngine } from "./support/task_engine.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 */
export async function main(args: readonly string[]): Promise<void> {
  const { config } = await parseTask({ ...selectTask, args });
  const run = await readRunConfig(config.run);
  // The run itself may go on meanwhile.
  using _lock = await lockFolder(join(config.run, RUN_SCORES));
  const [first] = await candidatesOf(config.run);
  const read = first && await readCandidate(first, () => modelConfigOf(first.path));
  const lengths = read && lengthsWithin(config, read.contextLength);
  await useTaskEngine(config.engine, config);
  const { data = run.data, tokenizer = run.tokenizer } = config;
  const settings = { ...run.rows, data, seed: config.seed };
  const texts = await readTexts(settings, { counts: { valid: config.validRows }, say: console.error });
  const valid = renderTexts(texts.valid, { tokenizer: await loadTokenizer(tokenizer), style: run.rows.prompt });
  using bars = countedProgress(valid.length);
  const selection = await selectCheckpoint(config.run, {
    ...config,
    ...repetitionOf(config),
    ...lengths,
    texts: valid,
    data,
    tokenizer,
    longPrompts: run.rows.longPrompts === "first" ? "first" : "cut",
    onAnswers: bars.update,
  });
  console.log(`${selectTable(selection, config.by)}\n\nbest: ${join(config.run, "best")} (${selection.best})`);
}

if (import.meta.main) await runTask(main);
