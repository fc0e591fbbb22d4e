/**
 * Scores a model on held-out instructions.
 *
 *     deno task evaluate --model runs/quickstart/student --test-rows 700
 */
import { z } from "zod";
import { corpusRows, loadCorpus } from "../lib/datasets/corpus.ts";
import { useEngine } from "../lib/engines/mod.ts";
import { evaluate } from "../lib/evaluation/evaluate.ts";
import { validationLoss } from "../lib/evaluation/validation_loss.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { loadModel } from "../lib/models/load_model.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { constantScores } from "./support/scores.ts";
import { dataFields, engineFields, kindsOf } from "./support/training_fields.ts";

const schema = z.strictObject({
  model: z.string().default("data/teacher").describe("folder of the model"),
  ...dataFields,
  seed: z.int().min(0).max(2 ** 32 - 1).default(1).describe("decides the rows and the draws"),
  maxNewTokens: z.int().min(1).default(32).describe("the longest answer, in tokens"),
  temperature: z.number().min(0).default(0).describe("0 takes the most probable token each time"),
  topP: z.number().positive().max(1).default(1).describe("only the most probable tokens up to this probability"),
  topK: z.int().min(0).default(0).describe("only so many of the most probable tokens; 0 for all"),
  answers: z.string().optional().describe("file that takes each prompt with its references and answer, as JSON lines"),
  ...engineFields,
});

/** Runs the task. */
export async function main(args: readonly string[]): Promise<void> {
  const description = "Score a model on held-out instructions.";
  const { config } = await parseTask({ name: "evaluate", description, schema, args });
  const engine = await useEngine(config.engine, { device: config.device });
  const tokenizer = await loadTokenizer(config.tokenizer);
  const model = await loadModel(config.model);
  const counts = { valid: config.validRows, test: config.testRows };
  const { valid, test } = await loadCorpus(config.data, { counts, seed: config.seed, kinds: kindsOf(config.kinds) });
  const { maxNewTokens, temperature, topP, topK, seed } = config;
  const validLoss = await validationLoss(model, corpusRows(valid, tokenizer));
  const { answers, ...scores } = await evaluate(model, test, {
    tokenizer,
    maxNewTokens,
    temperature,
    topP,
    topK,
    seed,
  });
  if (config.answers !== undefined) {
    const lines = test.map((text, index) => JSON.stringify({ ...text, answer: answers[index] }) + "\n");
    await writeAtomically(config.answers, lines.join(""));
  }
  const { rougeL, exactMatch } = constantScores(test);
  console.log(JSON.stringify({ engine: engine.name, validLoss, ...scores, constant: { rougeL, exactMatch } }, null, 2));
}

if (import.meta.main) await runTask(main);
