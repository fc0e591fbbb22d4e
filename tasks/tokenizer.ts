/**
 * Trains the byte-pair vocabulary of the built-in models on the train split of the built-in corpus.
 *
 *     deno task tokenizer --help
 */
import { z } from "zod";
import { readWordNet, wordNetFolder } from "../lib/datasets/wordnet.ts";
import type { WordNetKind } from "../lib/datasets/wordnet_kinds.ts";
import { wordNetRows } from "../lib/datasets/wordnet_rows.ts";
import { tokenizerOf } from "../lib/text/tokenizer.ts";
import { tokenizerTexts } from "../lib/text/tokenizer_json.ts";
import { trainBpe } from "../lib/text/train_bpe.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { runTask } from "./support/run_task.ts";
import { seedField } from "./support/field.ts";
import { parseTask } from "./support/schema.ts";

/** Kinds whose prompts are all the corpus's text: the others ask about the same definitions. */
export const VOCABULARY_KINDS: readonly WordNetKind[] = [
  "noun-field",
  "verb-field",
  "word-field",
  "word-class",
  "gap-class",
  "chain",
];

const schema = z.strictObject({
  output: z.string().min(1).default("data/tokenizer").describe("folder for tokenizer.json and tokenizer_config.json"),
  size: z.int().min(257).default(4096).describe("size of the vocabulary, including the 256 bytes and the end token"),
  rows: z.int().min(1).default(40_000).describe("number of corpus rows to read"),
  seed: seedField(0).describe("seed of the rows"),
});

/**
 * Runs the task.
 *
 * @param args The flags.
 */
export async function main(args: readonly string[]): Promise<void> {
  const description = "Train the byte-pair vocabulary on the train split of the built-in corpus.";
  const { config } = await parseTask({ name: "tokenizer", description, schema, args });
  const { output, size: vocabularySize, rows: count, seed } = config;

  using _lock = await lockFolder(output);
  const dictionary = await readWordNet(wordNetFolder());
  const rows = wordNetRows({ dictionary, split: "train", count, seed, kinds: VOCABULARY_KINDS });
  const texts = rows.map(({ prompt, output }) => prompt + output);
  const tokenizer = tokenizerOf(tokenizerTexts(trainBpe(texts, { vocabularySize })));
  await tokenizer.save(output);
  const sample = texts.slice(0, 2000);
  const tokens = sample.reduce((sum, text) => sum + tokenizer.encode(text).length + 1, 0);
  const mean = (tokens / sample.length).toFixed(1);
  console.log(`${output}: ${vocabularySize} tokens, trained on ${texts.length} rows; ${mean} tokens per row`);
}

if (import.meta.main) await runTask(main);
