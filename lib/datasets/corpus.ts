/**
 * The texts that a run trains and is judged on: the built-in corpus, or a folder of instruction files.
 *
 * @module
 */
import { join } from "node:path";
import type { Tokenizer } from "../text/tokenizer.ts";
import { readInstructions } from "./instruction_file.ts";
import { readManifest, tokenizerHash } from "./prepare/manifest.ts";
import { randomStream, shuffled } from "./random.ts";
import type { Row } from "./row.ts";
import { rowFromText } from "./row_from_text.ts";
import { openTokenStore } from "./token_store.ts";
import { readWordNet, wordNetFolder } from "./wordnet.ts";
import type { WordNetKind } from "./wordnet_kinds.ts";
import { WORDNET_KINDS, wordNetRows } from "./wordnet_rows.ts";

/** An instruction with its accepted answers. */
export interface CorpusText {
  /** The kind of question; empty where the data has none. */
  kind: string;
  /** The whole prompt. */
  prompt: string;
  /** The accepted answers, at least one; the first is the one to learn from. */
  outputs: string[];
  /** The row as a prepared folder has it, and the hash of the tokenizer that it was made with. */
  prepared?: { row: Row; tokenizer: string };
}

/** How many texts of each split are wanted. */
export type SplitCounts = Partial<Record<"train" | "valid" | "test", number>>;

/** Options for {@linkcode loadCorpus}. */
export interface CorpusOptions {
  /** The texts wanted of each split. */
  counts: SplitCounts;
  /** Decides which texts are drawn, and their order. */
  seed: number;
  /**
   * Kinds of questions of the built-in corpus.
   *
   * @default {all}
   */
  kinds?: readonly WordNetKind[];
}

/**
 * Loads texts.
 *
 * @param data `"wordnet"` for the built-in corpus, or a folder with `train.jsonl`, `valid.jsonl` and `test.jsonl`, of
 * which those wanted must be there; a folder made by `prepareData()` has the rows too. A file with fewer texts than wanted gives all it has.
 * @returns The texts of each split, an empty list where none are wanted.
 * @throws {Error} If a file is missing or broken; the message names it, and the line.
 * @throws {RangeError} If there is no kind of that name.
 */
export async function loadCorpus(
  data: string,
  { counts, seed, kinds = WORDNET_KINDS }: CorpusOptions,
): Promise<Record<"train" | "valid" | "test", CorpusText[]>> {
  const dictionary = data === "wordnet" ? await readWordNet(wordNetFolder()) : undefined;
  const texts = async (split: "train" | "valid" | "test"): Promise<CorpusText[]> => {
    const count = counts[split] ?? 0;
    if (count === 0) return [];
    if (dictionary) {
      const rows = wordNetRows({ dictionary, split, seed, count, kinds });
      return rows.map(({ kind, prompt, output }) => ({ kind, prompt, outputs: [output] }));
    }
    const rows = await readInstructions(join(data, `${split}.jsonl`));
    const texts = rows.map(({ kind = "", prompt, outputs }) => ({ kind, prompt, outputs }));
    const prepared = await preparedRows(data, split, texts.length);
    const all = prepared ? texts.map((text, index) => ({ ...text, prepared: prepared(index) })) : texts;
    return shuffled(all, randomStream(seed)).slice(0, count);
  };
  return { train: await texts("train"), valid: await texts("valid"), test: await texts("test") };
}

/** Options for {@linkcode corpusRows}. */
export interface CorpusRowsOptions {
  /**
   * Told of each text whose prompt or response is too long and is cut. Prepared rows were counted when they were made.
   *
   * @default {nobody is told}
   */
  onCut?: (part: "prompt" | "response") => void;
}

/**
 * Turns texts into rows of token ids, cut to 256 tokens of the prompt and 512 in all.
 *
 * @throws {RangeError} If a text has no prompt or no response (the message gives its number), or was prepared with
 * another tokenizer.
 */
export function corpusRows(
  texts: readonly CorpusText[],
  tokenizer: Tokenizer,
  { onCut }: CorpusRowsOptions = {},
): Row[] {
  const hash = texts.some(({ prepared }) => prepared) ? tokenizerHash(tokenizer) : "";
  return texts.map(({ prompt, outputs: [response], prepared }, index) => {
    if (!prepared) return rowFromText(tokenizer, { prompt, response, name: `row ${index}`, onCut });
    if (prepared.tokenizer === hash) return prepared.row;
    throw new RangeError("Cannot use the prepared data: it must be made with the tokenizer in use; prepare it again");
  });
}

/** The rows of a prepared folder, by their place; nothing if the folder is not prepared. */
async function preparedRows(folder: string, split: "train" | "valid" | "test", count: number) {
  const manifest = await readManifest(folder);
  if (!manifest) return undefined;
  using store = openTokenStore(join(folder, `${split}.tokens`));
  if (store.length !== count) {
    throw new SyntaxError(
      `Cannot read ${folder}: ${split}.tokens must have the rows of ${split}.jsonl, it has ${store.length} and not ${count}`,
    );
  }
  const rows = [...store.rows()];
  const tokenizer = manifest.recipe.tokenizer;
  return (index: number) => ({ row: rows[index], tokenizer });
}
