/**
 * Instructions to rows of token ids, with an account of what was too long.
 *
 * @module
 */
import { type PromptStyle, renderPrompt } from "../../text/render_prompt.ts";
import type { Tokenizer } from "../../text/tokenizer.ts";
import type { InstructionRow } from "../instruction_file.ts";

/** What becomes of rows that are too long. */
export interface LengthRules {
  /** Tokens that a prompt may have. */
  maxPromptLength: number;
  /** Tokens that prompt and response may have together, the end token included. */
  maxLength: number;
  /** Whether a prompt that is longer is cut to its first tokens, or its row left out. */
  longPrompts: "cut" | "drop";
  /** Whether a row that is longer is cut to its first tokens (and so loses its end token), or left out. */
  longRows: "cut" | "drop";
}

/** How rows fared. */
export interface RowCounts {
  /** Rows that were read. */
  read: number;
  /** Rows whose prompt, and rows whose response was cut. */
  cut: { prompts: number; responses: number };
  /** Rows left out: the prompt too long, the whole too long, nothing in the response. */
  dropped: { prompts: number; rows: number; empty: number };
}

/** Rows as token ids; those left out are missing. */
export interface TokenizedRows {
  /** The tokens of all rows. */
  ids: Uint32Array<ArrayBuffer>;
  /** The length of each. */
  lengths: number[];
  /** Of its prompt. */
  promptLengths: number[];
  /** Each as a line of JSON with its prompt as the model sees it. */
  lines: string[];
  /** How they fared. */
  counts: RowCounts;
}

/** Options for {@linkcode tokenizeRows}. */
export interface TokenizeRowsOptions {
  /** The tokenizer. */
  tokenizer: Tokenizer;
  /** What becomes of rows that are too long. */
  rules: LengthRules;
  /** The form of the prompts. */
  style: PromptStyle;
}

/** Counts of nothing. */
export const noCounts = (): RowCounts => ({
  read: 0,
  cut: { prompts: 0, responses: 0 },
  dropped: { prompts: 0, rows: 0, empty: 0 },
});

/** Adds counts to others. */
export function addCounts(to: RowCounts, { read, cut, dropped }: RowCounts): void {
  to.read += read;
  for (const key of ["prompts", "responses"] as const) to.cut[key] += cut[key];
  for (const key of ["prompts", "rows", "empty"] as const) to.dropped[key] += dropped[key];
}

/**
 * Makes rows. The response's tokens are those of prompt + response + end token behind as many as the prompt alone has (of a
 * chat template whose end is no end of a token, those of the response alone); its first accepted answer is the response.
 *
 * Source: Y. Gu et al., "MiniLLM: knowledge distillation of large language models", 2024, data processing of its code.
 *
 * @param rows The instructions.
 * @param options Tokenizer, lengths and form.
 * @returns The rows.
 */
export function tokenizeRows(rows: readonly InstructionRow[], options: TokenizeRowsOptions): TokenizedRows {
  const { tokenizer, rules: { maxPromptLength, maxLength, longPrompts, longRows }, style } = options;
  const isChat = style !== "alpaca" && tokenizer.chatTemplate !== undefined;
  const counts = noCounts();
  const all: number[] = [];
  const lengths: number[] = [];
  const promptLengths: number[] = [];
  const lines: string[] = [];
  for (const { prompt: own, kind, ...row } of rows) {
    counts.read += 1;
    const prompt = renderPrompt({ ...row, prompt: own }, { tokenizer, style });
    const promptIds = tokenizer.encode(prompt);
    const responseIds = responseTokens(row.outputs[0], { prompt, promptIds, tokenizer, isChat });
    if (row.outputs[0].trim() === "" || promptIds.length === 0 || responseIds.length === 0) {
      counts.dropped.empty += 1;
      continue;
    }
    responseIds.push(tokenizer.endToken);
    const longPrompt = promptIds.length > maxPromptLength;
    if (longPrompt && longPrompts === "drop") {
      counts.dropped.prompts += 1;
      continue;
    }
    const kept = Math.min(promptIds.length, maxPromptLength);
    const longRow = kept + responseIds.length > maxLength;
    if (longRow && longRows === "drop") {
      counts.dropped.rows += 1;
      continue;
    }
    if (longPrompt) counts.cut.prompts += 1;
    if (longRow) counts.cut.responses += 1;
    const room = Math.min(responseIds.length, maxLength - kept);
    for (let place = 0; place < kept; place += 1) all.push(promptIds[place]);
    for (let place = 0; place < room; place += 1) all.push(responseIds[place]);
    lengths.push(kept + room);
    promptLengths.push(kept);
    const { instruction, input, outputs: output } = row;
    lines.push(JSON.stringify({ instruction, input, prompt, output, ...(kind === undefined ? {} : { kind }) }) + "\n");
  }
  return { ids: Uint32Array.from(all), lengths, promptLengths, lines, counts };
}

interface Asked {
  prompt: string;
  promptIds: readonly number[];
  tokenizer: Tokenizer;
  isChat: boolean;
}

/**
 * The official code counts a token across the boundary to the prompt, and so does this; but a chat template may end in a
 * blank, with which the response's first word would be lost, and a model that is asked by it begins with whole words.
 */
function responseTokens(response: string, { prompt, promptIds, tokenizer, isChat }: Asked): number[] {
  const ids = tokenizer.encode(prompt + response);
  const isWhole = promptIds.every((id, place) => ids[place] === id);
  return isChat && !isWhole ? tokenizer.encode(response) : ids.slice(promptIds.length);
}

/**
 * Turns texts into token ids, each with the end token behind it; empty texts are left out.
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
