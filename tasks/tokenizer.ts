/**
 * Trains the byte-pair vocabulary of the built-in models on the train split of the built-in corpus.
 *
 *     deno task tokenizer --help
 */
import { Command } from "commander";
import { readWordNet, wordNetFolder } from "../lib/datasets/wordnet.ts";
import { wordNetRows } from "../lib/datasets/wordnet_rows.ts";
import { tokenizerOf } from "../lib/text/tokenizer.ts";
import { tokenizerTexts } from "../lib/text/tokenizer_json.ts";
import { trainBpe } from "../lib/text/train_bpe.ts";

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`must be a whole number, current value is ${text}`);
  return Number(text);
}

interface Flags {
  output: string;
  size: number;
  rows: number;
  seed: number;
}

async function main(): Promise<void> {
  const command = new Command("tokenizer")
    .description("Train the byte-pair vocabulary on the train split of the built-in corpus.")
    .option("--output <folder>", "where tokenizer.json and tokenizer_config.json go", "data/tokenizer")
    .option("--size <tokens>", "tokens, the 256 bytes and the end token among them", wholeNumber, 4096)
    .option("--rows <number>", "rows of the corpus that are read", wholeNumber, 40_000)
    .option("--seed <number>", "which rows", wholeNumber, 0);
  const { output, size, rows: count, seed } = command.parse(Deno.args, { from: "user" }).opts<Flags>();

  const rows = wordNetRows({ dictionary: await readWordNet(wordNetFolder()), split: "train", count, seed });
  const texts = rows.map(({ prompt, output }) => prompt + output);
  const tokenizer = tokenizerOf(tokenizerTexts(trainBpe(texts, { vocabularySize: size })));
  await tokenizer.save(output);
  const sample = texts.slice(0, 2000);
  const tokens = sample.reduce((sum, text) => sum + tokenizer.encode(text).length + 1, 0);
  console.log(
    `${output}: ${size} tokens, learnt from ${texts.length} rows; ${(tokens / sample.length).toFixed(1)} tokens a row`,
  );
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
