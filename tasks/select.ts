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
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { bestOf, type Candidate, candidatesOf, copyWeights, RUN_SCORES, scoreCandidate } from "./support/candidates.ts";
import { above, type Effect, is } from "./support/effects.ts";
import { seedField } from "./support/field.ts";
import type { TaskHelp } from "./support/help.ts";
import { lengthFields, lengthsWithin, modelConfigOf } from "./support/length_fields.ts";
import { readRunConfig } from "./support/run_config.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { formatTable } from "./support/table.ts";
import { engineMark, useTaskEngine } from "./support/task_engine.ts";
import { dataFields, engineFields } from "./support/training_fields.ts";
import { UsageError } from "./support/usage_error.ts";

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
  const candidates = await candidatesOf(config.run);
  if (candidates.length === 0) {
    throw new UsageError(`Cannot select: ${config.run} must have checkpoints or a trained model, it has neither`);
  }
  const lengths = lengthsWithin(config, (await modelConfigOf(candidates[0].path)).contextLength);
  const engine = await useTaskEngine(config.engine, config);
  const { data = run.data, tokenizer = run.tokenizer, by } = config;
  const settings = { ...run.rows, data, seed: config.seed };
  const texts = await readTexts(settings, { counts: { valid: config.validRows }, say: console.error });
  const style = run.rows.prompt;
  const valid = renderTexts(texts.valid, { tokenizer: await loadTokenizer(tokenizer), style });
  const longPrompts = run.rows.longPrompts === "first" ? "first" : "cut";
  const scored: (Candidate & Awaited<ReturnType<typeof scoreCandidate>>)[] = [];
  for (const candidate of candidates) {
    const found = await scoreCandidate(candidate, valid, {
      ...config,
      ...lengths,
      longPrompts,
      tokenizer,
      engine: engineMark(engine),
    });
    scored.push({ ...candidate, ...found });
  }
  const best = bestOf(scored, by);
  const folder = join(config.run, "best");
  await copyWeights(best.path, folder, tokenizer);
  const result = {
    by,
    data,
    seed: config.seed,
    rows: valid.length,
    best: best.name,
    candidates: scored.map(({ name, score, exactMatch, unfinished }) => ({ name, score, exactMatch, unfinished })),
  };
  await writeAtomically(join(config.run, RUN_SCORES, "selection.json"), JSON.stringify(result, null, 2) + "\n");
  const rows = scored.map(({ name, score, exactMatch, unfinished }) => {
    return [name, score, ...(by === "loss" ? [] : [exactMatch, unfinished]), name === best.name ? "best" : ""];
  });
  const head = ["checkpoint", ...(by === "loss" ? ["valid loss"] : ["ROUGE-L", "exact match", "unfinished"]), ""];
  console.log(`${formatTable([head, ...rows], { decimals: by === "loss" ? 4 : 2 })}\n\nbest: ${folder} (${best.name})`);
}

if (import.meta.main) await runTask(main);
