/**
 * One row of token ids from a prompt and a response, truncated or dropped if it is too long.
 *
 * @module
 */
import { fitPrompt, type LongPrompt } from "../text/fit_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import type { Row } from "../batches/row.ts";

/** How rows that are too long are handled. */
export interface LengthRules {
  /**
   * The maximum number of prompt tokens.
   *
   * @default {what the response leaves, but at least half of `maxLength`, and 256 at most}
   */
  maxPromptLength?: number;
  /** The maximum number of tokens of prompt and response together, including the end token. */
  maxLength: number;
  /**
   * Whether the text of a longer prompt is truncated within its template (see `fitPrompt`), its row is dropped, or the
   * prompt is truncated to its first tokens as in the official code.
   */
  longPrompts: LongPrompt | "drop";
  /** Whether a longer row is truncated to its first tokens (and so loses its end token), or dropped. */
  longRows: "cut" | "drop";
  /**
   * Whether to keep a row whose template alone is too long, so that no text of the prompt would be left: the last
   * tokens of the prompt are then kept. Rows to be answered cannot be dropped.
   *
   * @default {false}
   */
  keepBare?: boolean;
}

/** Prompt and response of a row. */
export interface RowTexts {
  /** The whole prompt; empty for plain text, whose tokens except for the first are the targets. */
  prompt: string;
  /** The response, without the end token. */
  response: string;
  /** Whether a chat template made the prompt. */
  isChat?: boolean;
}

/** A row, or the reason why the text yields no row. */
export type MadeRow =
  | { row: Row; cut: { prompt: boolean; response: boolean } }
  | { dropped: "prompts" | "rows" | "empty" };

/**
 * Makes a row. The response's tokens are those of prompt + response + end token after as many tokens as the prompt
 * alone has (for a chat template that does not end at a token boundary, those of the response alone).
 *
 * Source: Y. Gu et al., "MiniLLM: knowledge distillation of large language models", 2024, data processing of its code.
 *
 * @param texts Prompt and response.
 * @param options The tokenizer and how a row that is too long is handled.
 * @returns The row and which parts were truncated; or the reason why it is dropped: its prompt is too long (or would
 * have no text left), it is too long as a whole, or its prompt or response would be empty.
 */
export function makeRow(
  { prompt, response, isChat = false }: RowTexts,
  { tokenizer, rules }: { tokenizer: Tokenizer; rules: LengthRules },
): MadeRow {
  const { maxLength, longPrompts, longRows } = rules;
  if (response.trim() === "") return { dropped: "empty" };
  if (prompt === "") return textRow(response, { tokenizer, rules });
  const whole = tokenizer.encode(prompt);
  const after = (prompt: string, promptIds: readonly number[]) => [
    ...responseTokens(response, { prompt, promptIds, tokenizer, isChat }),
    tokenizer.endToken,
  ];
  let responseIds = after(prompt, whole);
  if (whole.length === 0 || responseIds.length < 2) return { dropped: "empty" };
  const room = rules.maxPromptLength ??
    Math.min(256, Math.max(maxLength >> 1, maxLength - responseIds.length, 1));
  let kept = whole;
  if (whole.length > room) {
    if (longPrompts === "drop") return { dropped: "prompts" };
    const fitted = fitPrompt(tokenizer, prompt, { maxLength: room, longPrompts });
    if (fitted.isBare && !rules.keepBare) return { dropped: "prompts" };
    kept = fitted.ids;
    if (fitted.prompt !== prompt) responseIds = after(fitted.prompt, kept);
    if (responseIds.length < 2) return { dropped: "empty" };
  }
  const ids = [...kept, ...responseIds];
  if (ids.length > maxLength && longRows === "drop") return { dropped: "rows" };
  return {
    row: { ids: ids.slice(0, maxLength), promptLength: kept.length },
    cut: { prompt: whole.length > room, response: ids.length > maxLength },
  };
}

function textRow(text: string, { tokenizer, rules }: { tokenizer: Tokenizer; rules: LengthRules }): MadeRow {
  const ids = [...tokenizer.encode(text), tokenizer.endToken];
  if (ids.length < 2) return { dropped: "empty" };
  const isLong = ids.length > rules.maxLength;
  if (isLong && rules.longRows === "drop") return { dropped: "rows" };
  return { row: { ids: ids.slice(0, rules.maxLength), promptLength: 1 }, cut: { prompt: false, response: isLong } };
}

interface Asked {
  prompt: string;
  promptIds: readonly number[];
  tokenizer: Tokenizer;
  isChat: boolean;
}

/**
 * As in the official code, a token across the boundary belongs to the prompt. But a chat template may end in a blank,
 * with which the response's first word would be lost, and a model prompted with it starts with whole words.
 */
function responseTokens(response: string, { prompt, promptIds, tokenizer, isChat }: Asked): number[] {
  const ids = tokenizer.encode(prompt + response);
  const isWhole = promptIds.every((id, place) => ids[place] === id);
  return isChat && !isWhole ? tokenizer.encode(response) : ids.slice(promptIds.length);
}
