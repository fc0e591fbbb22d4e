/**
 * Picks the best checkpoint of a run by its answers to the validation split, or by the loss on it.
 *
 *     deno task select --run runs/amid
 */
import { join } from "node:path";
import { z } from "zod";
import { renderTexts } from "../lib/datasets/corpus.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { readTexts } from "./support/ready_corpus.ts";
import { modelConfigOf } from "../lib/models/model_config_of.ts";
import { candidatesOf, RUN_SCORES } from "../lib/runs/selection/candidates.ts";
import { selectCheckpoint } from "../lib/runs/selection/select_checkpoint.ts";
import { above, type Effect, is } from "./support/effects.ts";
import { seedField } from "./support/field.ts";
import type { TaskHelp } from "./support/help.ts";
import { lengthFields, lengthsWithin } from "./support/length_fields.ts";
import { readRunConfig } from "./support/run_config.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { countedProgress } from "./support/counted_progress.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { formatTable } from "./support/table.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { dataFields, engineFields } from "./support/training_fields.ts";

/** The settings of the task. */
export const schema = z.strictObject({
  run: z.string().min(1).default("runs/quickstart").describe("folder of the run"),
  by: z.enum(["rouge-l", "loss"]).default("rouge-l").describe("highest ROUGE-L, or lowest loss, on the valid split"),
  data: z.string().optional().describe("where the valid split is; where the run had it if absent"),
  tokenizer: z.string().optional().describe("folder of the tokenizer; the run's if absent"),
  validRows: dataFields.validRows.describe("rows of the valid split"),
  seed: seedField(10).describe("decides the rows and the draws"),
  temperature: z.number().min(0).default(1).describe("0 takes the most probable token each time"),
  topP: z.number().positive().max(1).default(1).describe("only the most probable tokens up to this probability"),
  ...lengthFields,
  batchSize: z.int().min(1).default(16).describe("prompts answered together; answers do not depend on it"),
  ...engineFields,
});

const effects: readonly Effect<keyof typeof schema.shape>[] = [
  { of: ["temperature", "topP"], needs: [is("by", "rouge-l")] },
  { of: ["maxPromptLength", "maxLength", "batchSize"], needs: [is("by", "rouge-l")], warn: true },
  { of: ["topP"], needs: [above("temperature", 0)] },
];

const help: TaskHelp<keyof typeof schema.shape> = {
  first: ["run", "by", "data", "tokenizer", "validRows", "engine"],
  examples: ["deno task select --run runs/quickstart", "deno task select --run runs/quickstart --by loss"],
};

/**
 * Runs the task.
 *
 * @param args The flags.
 */
export async function main(args: readonly string[]): Promise<void> {
  const description = "Pick the best checkpoint of a run, and copy its weights to the run's folder best/.";
  const { config } = await parseTask({ name: "select", description, schema, args, help, effects });
  const run = await readRunConfig(config.run);
  // The run itself may go on meanwhile.
  using _lock = await lockFolder(join(config.run, RUN_SCORES));
  const [first] = await candidatesOf(config.run);
  const lengths = first ? lengthsWithin(config, (await modelConfigOf(first.path)).contextLength) : undefined;
  await useTaskEngine(config.engine, config);
  const { data = run.data, tokenizer = run.tokenizer, by } = config;
  const settings = { ...run.rows, data, seed: config.seed };
  const texts = await readTexts(settings, { counts: { valid: config.validRows }, say: console.error });
  const valid = renderTexts(texts.valid, { tokenizer: await loadTokenizer(tokenizer), style: run.rows.prompt });
  using bars = countedProgress(valid.length);
  const { best, candidates } = await selectCheckpoint(config.run, {
    ...config,
    ...lengths,
    texts: valid,
    data,
    tokenizer,
    longPrompts: run.rows.longPrompts === "first" ? "first" : "cut",
    onAnswers: bars.update,
  });
  const rows = candidates.map(({ name, score, exactMatch, unfinished }) => {
    return [name, score, ...(by === "loss" ? [] : [exactMatch, unfinished]), name === best ? "best" : ""];
  });
  const head = ["checkpoint", ...(by === "loss" ? ["valid loss"] : ["ROUGE-L", "exact match", "unfinished"]), ""];
  console.log(
    `${formatTable([head, ...rows], { decimals: by === "loss" ? 4 : 2 })}\n\nbest: ${
      join(config.run, "best")
    } (${best})`,
  );
}

if (import.meta.main) await runTask(main);
