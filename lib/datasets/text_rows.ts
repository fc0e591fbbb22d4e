/**
 * Plain text as rows: texts concatenated, each followed by the end token, and split into windows of one length.
 *
 * @module
 */
import { aText, aTokenizer, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { readText } from "../files/read_text.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { readTexts } from "./prepare/read_texts.ts";
import { preparedTextRows } from "./prepared_text.ts";
import type { Row } from "../batches/row.ts";

/** Options for {@linkcode textRows}. */
export interface TextRowsOptions {
  /** The tokenizer. */
  tokenizer: Tokenizer;
  /** Tokens per row; the last row may have fewer. */
  length: number;
}

/**
 * Splits texts into rows. The loss is on every token of a row except for the first.
 *
 * @param texts The texts; empty ones are skipped.
 * @param options The tokenizer and the rows' length.
 * @returns The rows, with a prompt of one token.
 * @throws {RangeError} If the length is below 2, or the texts have fewer than two tokens together.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer } from "@amid/amid";
 * import { textRows } from "@amid/amid/datasets";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const rows = textRows(["The heron wades.", "The ibis digs."], { tokenizer, length: 8 });
 * assert(rows.every(({ ids, promptLength }) => ids.length <= 8 && promptLength === 1));
 * ```
 */
export function textRows(texts: Iterable<string>, options: TextRowsOptions): Row[] {
  checkTextRows(options);
  const { tokenizer, length } = options;
  if (!Number.isSafeInteger(length) || length < 2) {
    throw new RangeError(
      `Cannot cut text into rows: length must be a whole number of at least 2, current value is ${length}`,
    );
  }
  const ids: number[] = [];
  for (const text of texts) {
    if (text.trim() === "") continue;
    for (const id of tokenizer.encode(text)) ids.push(id);
    ids.push(tokenizer.endToken);
  }
  const rows: Row[] = [];
  for (let start = 0; start < ids.length; start += length) {
    const row = ids.slice(start, start + length);
    if (row.length > 1) rows.push({ ids: row, promptLength: 1 });
  }
  if (rows.length === 0) {
    throw new RangeError("Cannot cut text into rows: at least one token of text is needed, current count is 0");
  }
  return rows;
}

/**
 * Reads plain text as rows.
 *
 * @param path A `.jsonl` or `.json` file with a string or an object with a `text` per line, or with one list of them; a
 * `.parquet` file with a column `text`; any other file is one text. Or a folder that `prepareData()` made of plain
 * text.
 * @param options The tokenizer and the rows' length.
 * @returns The rows.
 * @throws {SyntaxError} If a line has no text; the message gives its number.
 * @throws {RangeError} If there is no text in the file.
 */
export async function readTextRows(path: string, options: TextRowsOptions): Promise<Row[]> {
  checkArguments("read text", { path: [path, aText] });
  checkTextRows(options);
  const prepared = await preparedTextRows(path, options);
  if (prepared) return prepared;
  const texts = /\.(jsonl?|parquet)$/.test(path) ? await Array.fromAsync(readTexts(path)) : [await readText(path)];
  return named(path, () => textRows(texts, options));
}

function checkTextRows(options: TextRowsOptions): void {
  checkArguments("cut text into rows", { options: [options, objectWith("tokenizer", "length")] });
  checkArguments("cut text into rows", { tokenizer: [options.tokenizer, aTokenizer] });
}

function named<Value>(path: string, compute: () => Value): Value {
  try {
    return compute();
  } catch (cause) {
    throw new RangeError(`Cannot use the text ${path}: ${(cause as Error).message}`, { cause });
  }
}
