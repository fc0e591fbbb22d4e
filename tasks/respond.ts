/**
 * Lets a teacher write the responses of a data set, for sequence-level distillation.
 *
 *     deno task respond --name answers && deno task sft --data runs/answers --model data/student-start
 */
import { join } from "node:path";
import { z } from "zod";
import { type CorpusText, loadCorpus } from "../lib/datasets/corpus.ts";
import { respond } from "../lib/datasets/respond.ts";
import { useEngine } from "../lib/engines/mod.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { loadAdaptedModel } from "../lib/models/load_adapted.ts";
import { formatConfig } from "./support/config_file.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { openJsonLines } from "./support/json_lines.ts";
import { limitTo } from "./support/limit_vocabulary.ts";
import { progress } from "./support/progress.ts";
import { checkResumed, exists, openRunFolder } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { dataFields, engineFields, kindsOf, runFields } from "./support/training_fields.ts";

const { name, overwrite, resume } = runFields("answers");
const { tokenizer, data, kinds, validRows, testRows } = dataFields;

const schema = z.strictObject({
  ...{ name, overwrite, resume },
  model: z.string().default("data/teacher").describe("folder of the model that writes"),
  ...{ tokenizer, data, kinds, validRows, testRows },
  trainRows: z.int().min(1).default(4800).describe("rows of the train split that are drawn"),
  maxNewTokens: z.int().min(1).default(32).describe("longest response, in tokens"),
  temperature: z.number().min(0).default(0).describe("temperature of the draws; 0 takes the most probable token"),
  topP: z.number().gt(0).max(1).default(1).describe("draws are from the tokens of this probability"),
  topK: z.int().min(0).default(0).describe("draws are from so many tokens; 0 is all"),
  batchSize: z.int().min(1).default(32).describe("prompts that are answered together"),
  seed: z.int().min(0).max(2 ** 32 - 1).default(1).describe("decides the rows, their order and all other draws"),
  ...engineFields,
});

/** A line of the responses on their way. */
type Line = { response: string };

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Let a teacher write the responses of a data set.";
  const { config } = await parseTask({ name: "respond", description, schema, args });
  const { batchSize, maxNewTokens, temperature, topP, topK, seed } = config;
  const tokenizer = await loadTokenizer(config.tokenizer);
  await useEngine(config.engine, { device: config.device });
  const model = limitTo(await loadAdaptedModel(config.model), tokenizer);
  const counts = { train: config.trainRows, valid: config.validRows, test: config.testRows };
  const corpus = await loadCorpus(config.data, { counts, seed, kinds: kindsOf(config.kinds) });
  const folder = await openRunFolder(config.name, { ...config, root });
  const configText = formatConfig({ ...config, overwrite: false, resume: false });
  if (config.resume) await checkResumed(folder, configText);
  if (!await exists(join(folder, "config.json"))) await writeAtomically(join(folder, "config.json"), configText);

  const path = join(folder, "responses.jsonl");
  const before = await wholeBatches(path, batchSize);
  using lines = openJsonLines(path, { keep: before.bytes });
  using interrupt = onInterrupt();
  const bar = progress({ label: "respond", total: corpus.train.length, start: before.count });
  let count = before.count;
  const options = { tokenizer, maxNewTokens, temperature, topP, topK, seed, batchSize, start: count };
  for await (const responses of respond(model, corpus.train, options)) {
    for (const response of responses) lines.append({ response });
    lines.flush();
    bar.update({ step: count += responses.length });
    await new Promise((resolve) => setTimeout(resolve, 0)); // lets signals have their turn
    if (interrupt.signal.aborted && count < corpus.train.length) {
      bar.done();
      console.error(`Stopped after ${count}. To go on: the same command with --resume`);
      return 130;
    }
  }
  bar.done();
  const written = (await linesOf(path)).map(({ response }) => response);
  const train = corpus.train.map((text, i) => ({ ...text, outputs: [written[i]] }));
  const full = train.filter(({ outputs: [response] }) => response !== "");
  if (full.length === 0) throw new RangeError("Cannot make a data set: a response must have text, all came out empty");
  for (const [split, texts] of Object.entries({ ...corpus, train: full })) {
    await writeAtomically(join(folder, `${split}.jsonl`), texts.map(lineOf).join(""));
  }
  const empty = train.length - full.length;
  console.log(`${full.length} responses in ${folder}${empty > 0 ? `; ${empty} came out empty and were left out` : ""}`);
  return 0;
}

function lineOf({ kind, prompt, outputs }: CorpusText): string {
  return JSON.stringify({ instruction: "", prompt, output: outputs, ...(kind ? { kind } : {}) }) + "\n";
}

async function linesOf(path: string): Promise<Line[]> {
  const text = await exists(path) ? await Deno.readTextFile(path) : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1); // a killed run may have left part of a line
  return whole.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** The responses of batches that were written whole, and their bytes. */
async function wholeBatches(path: string, batchSize: number): Promise<{ count: number; bytes: number }> {
  const lines = await linesOf(path);
  const count = lines.length - lines.length % batchSize;
  const text = lines.slice(0, count).map((line) => JSON.stringify(line) + "\n").join("");
  return { count, bytes: new TextEncoder().encode(text).length };
}

if (import.meta.main) await runTask(main);
