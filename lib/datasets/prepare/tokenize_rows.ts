/**
 * Turns instructions into rows of token ids, and counts those that were too long.
 *
 * @module
 */
import { isChat, type PromptStyle, renderPrompt } from "../../text/render_prompt.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { InstructionRow } from "../instruction_row.ts";
import { type LengthRules, type MadeRow, makeRow } from "../make_row.ts";
import { readShape } from "../row_shapes.ts";
import { textKey } from "../text_key.ts";

/** How many rows were read, truncated and dropped. */
export interface RowCounts {
  /** Rows that were read. */
  read: number;
  /** Rows whose prompt was truncated, and rows whose response was truncated. */
  cut: { prompts: number; responses: number };
  /** Rows dropped because the prompt is too long, the row is too long, or the response is empty. */
  dropped: { prompts: number; rows: number; empty: number };
}

/** Rows as token ids, without those dropped. */
export interface TokenizedRows {
  /** The tokens of all rows. */
  ids: Uint32Array<ArrayBuffer>;
  /** The length of each. */
  lengths: number[];
  /** The length of each one's prompt. */
  promptLengths: number[];
  /** Each as a JSON line, with its prompt as the model sees it. */
  lines: string[];
  /** The key of each, see `textKey`. */
  keys: string[];
  /** How many were read, truncated and dropped. */
  counts: RowCounts;
}

/** Options for {@linkcode tokenizeRows}. */
export interface TokenizeRowsOptions {
  /** The tokenizer. */
  tokenizer: Tokenizer;
  /** How rows that are too long are handled. */
  rules: LengthRules;
  /** The form of the prompts. */
  style: PromptStyle;
}

/** Counts of zero. */
export const noCounts = (): RowCounts => ({
  read: 0,
  cut: { prompts: 0, responses: 0 },
  dropped: { prompts: 0, rows: 0, empty: 0 },
});

/** Counts a row. */
export function countRow(counts: RowCounts, made: MadeRow): void {
  counts.read += 1;
  if ("dropped" in made) counts.dropped[made.dropped] += 1;
  else if (made.cut.prompt) counts.cut.prompts += 1;
  if ("cut" in made && made.cut.response) counts.cut.responses += 1;
}

/** Adds counts to others. */
export function addCounts(to: RowCounts, { read, cut, dropped }: RowCounts): void {
  to.read += read;
  for (const key of ["prompts", "responses"] as const) to.cut[key] += cut[key];
  for (const key of ["prompts", "rows", "empty"] as const) to.dropped[key] += dropped[key];
}

/**
 * Makes rows, see {@linkcode makeRow}; the first accepted answer is the response.
 *
 * @param rows The instructions.
 * @param options Tokenizer, lengths and form.
 * @returns The rows.
 */
export function tokenizeRows(rows: readonly InstructionRow[], options: TokenizeRowsOptions): TokenizedRows {
  const { tokenizer, rules, style } = options;
  const counts = noCounts();
  const all: number[] = [];
  const lengths: number[] = [];
  const promptLengths: number[] = [];
  const lines: string[] = [];
  const keys: string[] = [];
  for (const row of rows) {
    const prompt = renderPrompt(row, { tokenizer, style });
    const texts = { prompt, response: row.outputs[0], isChat: isChat(row, { tokenizer, style }) };
    const made = makeRow(texts, { tokenizer, rules });
    countRow(counts, made);
    if ("dropped" in made) continue;
    for (const id of made.row.ids) all.push(id);
    lengths.push(made.row.ids.length);
    promptLengths.push(made.row.promptLength);
    const line = lineOf(row, prompt);
    lines.push(JSON.stringify(line) + "\n");
    keys.push(textKey(readBack(line)));
  }
  return { ids: Uint32Array.from(all), lengths, promptLengths, lines, keys, counts };
}

/** A line as a reader of the file will see it. */
function readBack(line: Record<string, unknown>): InstructionRow {
  const row = readShape(line);
  if (typeof row === "string") throw new Error(`Cannot prepare a row: its line could not be read back, ${row}`);
  return row;
}

/** A row as it is written to the text file, in the shape in which it will be read back. */
export function lineOf(
  { instruction, input, outputs: output, system, kind, form }: InstructionRow,
  prompt: string,
): Record<string, unknown> {
  const more = kind === undefined ? {} : { kind };
  if (form === "text") return { text: output[0], ...more };
  if (form === "prompt") return { prompt, output, ...more };
  return { instruction, input, prompt, output, ...(system === undefined ? {} : { system }), ...more };
}

/**
 * Turns texts into token ids, each followed by the end token; empty texts are left out.
 *
 * @param texts The texts.
 * @param tokenizer The tokenizer.
 */
export function tokenizeTexts(texts: readonly string[], tokenizer: Tokenizer): Uint32Array<ArrayBuffer> {
  const all: number[] = [];
  for (const text of texts) {
    if (text.trim() === "") continue;
    for (const id of tokenizer.encode(text)) all.push(id);
    all.push(tokenizer.endToken);
  }
  return Uint32Array.from(all);
}
