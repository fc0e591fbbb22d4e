/**
 * Rows of token ids from prompts and responses.
 *
 * @module
 */
import { aText, aTokenizer, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import type { LongPrompt } from "../text/fit_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { makeRow } from "./make_row.ts";
import type { Row } from "../batches/row.ts";

/** A prompt with its response, as text. */
export interface TextRow {
  /** The whole prompt. */
  prompt: string;
  /** The response, without the end token. */
  response: string;
}

/** Options for {@linkcode rowFromText}. */
export interface RowFromTextOptions {
  /**
   * The maximum number of prompt tokens; the text of a longer one is truncated within its template, see `fitPrompt`.
   *
   * @default {256}
   */
  maxPromptLength?: number;
  /**
   * The maximum number of tokens of prompt and response together; a truncated response loses its end token.
   *
   * @default {512}
   */
  maxLength?: number;
  /**
   * How a longer prompt is handled: `"first"` keeps its first tokens.
   *
   * @default {"cut"}
   */
  longPrompts?: LongPrompt;
  /**
   * The row's name in messages.
   *
   * @default {"the row"}
   */
  name?: string;
  /**
   * Called for each part that is truncated.
   *
   * @default {none}
   */
  onCut?: (part: "prompt" | "response") => void;
}

/**
 * Makes a row. The response's tokens are those of prompt + response + end token that follow as many tokens as the
 * prompt alone has, so that a token across the boundary counts as part of the prompt.
 *
 * Source: Y. Gu et al., "MiniLLM: knowledge distillation of large language models", 2024, data processing of its code.
 *
 * @param tokenizer The tokenizer.
 * @param options Prompt and response, the maximum lengths, and a name for messages.
 * @returns The row, its end token last unless it was truncated.
 * @throws {RangeError} If prompt or response is empty or the response merges into the prompt's last token, the lengths
 * leave no room for both, or the prompt's template alone is too long; the message names the row.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer, rowFromText } from "@amid/amid";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const { ids, promptLength } = rowFromText(tokenizer, { prompt: "Name a bird.\n", response: "heron" });
 * assert(ids.at(-1) === tokenizer.endToken && promptLength === tokenizer.encode("Name a bird.\n").length);
 * ```
 */
export function rowFromText(tokenizer: Tokenizer, options: TextRow & RowFromTextOptions): Row {
  checkArguments("make a row", {
    tokenizer: [tokenizer, aTokenizer],
    options: [options, objectWith("prompt", "response")],
  });
  checkArguments(`make ${options.name ?? "the row"}`, {
    prompt: [options.prompt, aText],
    response: [options.response, aText],
  });
  const { prompt, response, maxPromptLength = 256, maxLength = 512, name = "the row", onCut } = options;
  const { longPrompts = "cut" } = options;
  if (!Number.isInteger(maxPromptLength) || maxPromptLength < 1) {
    throw new RangeError(
      `Cannot make ${name}: maxPromptLength must be at least 1, current value is ${maxPromptLength}`,
    );
  }
  if (!Number.isInteger(maxLength) || maxLength <= maxPromptLength) {
    throw new RangeError(
      `Cannot make ${name}: maxLength must be above maxPromptLength, current values are ${maxLength} and ${maxPromptLength}`,
    );
  }
  if (prompt === "") throw new RangeError(`Cannot make ${name}: its prompt must not be empty`);
  if (response.trim() === "") throw new RangeError(`Cannot make ${name}: its response must not be empty`);
  const rules = { maxPromptLength, maxLength, longPrompts, longRows: "cut" as const };
  const made = makeRow({ prompt, response }, { tokenizer, rules });
  if ("dropped" in made) {
    const reason = made.dropped === "prompts"
      ? `maxPromptLength must leave room for its text, the template of its prompt alone has more than ${maxPromptLength} tokens`
      : "its response merges into the last token of its prompt, no token is left";
    throw new RangeError(`Cannot make ${name}: ${reason}`);
  }
  for (const part of ["prompt", "response"] as const) if (made.cut[part]) onCut?.(part);
  return made.row;
}
