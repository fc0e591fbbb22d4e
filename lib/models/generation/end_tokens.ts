/**
 * Where an answer ends: one rule for generation, training and scoring.
 *
 * @module
 */
import { aDecoder, aList, aModel, checkArguments, objectWith } from "../../arguments/check_arguments.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { LanguageModel } from "../language_model.ts";

/** The sources of end tokens. */
export interface EndTokensContext {
  /** The model that answers. */
  model: Pick<LanguageModel, "config">;
  /** The tokenizer of its prompts. */
  tokenizer: Pick<Tokenizer, "endToken">;
}

const hasEndToken = {
  what: aDecoder.what,
  fits: (value: unknown) => typeof (value as Partial<Tokenizer> | undefined)?.endToken === "number",
};

/**
 * Finds the tokens that end an answer: those that the model's generation_config.json and config.json name as
 * `eos_token_id`, and the tokenizer's end token, which training rows end with.
 *
 * The Python library transformers uses only generation_config.json if it exists. Every token that it stops at is
 * included.
 *
 * @param context The model and the tokenizer.
 * @returns Distinct token ids, the model's first.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, loadTokenizer, useEngine } from "@amid/amid";
 * import { endTokensOf } from "@amid/amid/models";
 *
 * await useEngine("wasm");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const sizes = { vocab_size: 4096, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const model = initializeModel({ model_type: "gpt2", eos_token_id: [1, 392], ...sizes }, { seed: 1 });
 * assert.deepEqual(endTokensOf({ model, tokenizer }), [1, 392, tokenizer.endToken]);
 * ```
 */
export function endTokensOf(context: EndTokensContext): number[] {
  checkArguments("find the end tokens", { context: [context, objectWith("model", "tokenizer")] });
  const { model, tokenizer } = context;
  checkArguments("find the end tokens", { model: [model, aModel], tokenizer: [tokenizer, hasEndToken] });
  return [...new Set([...model.config.endTokens, tokenizer.endToken])];
}

/**
 * Whether an answer ended with an end token, rather than being truncated at the maximum length.
 *
 * @param tokens The output of {@linkcode generate}, prompt included or not.
 * @param endTokens The tokens that end an answer.
 */
export function isEnded(tokens: readonly number[], endTokens: readonly number[]): boolean {
  checkArguments("look for an end", { tokens: [tokens, aList], endTokens: [endTokens, aList] });
  return tokens.length > 0 && endTokens.includes(tokens[tokens.length - 1]);
}

/**
 * Decodes an answer, without end tokens and surrounding white space.
 *
 * @param tokens The output of {@linkcode generate}.
 * @param options The tokenizer, and the tokens that are removed wherever they occur.
 */
export function answerText(
  tokens: readonly number[],
  options: { tokenizer: Pick<Tokenizer, "decode">; endTokens: readonly number[] },
): string {
  checkArguments("decode an answer", {
    tokens: [tokens, aList],
    options: [options, objectWith("tokenizer", "endTokens")],
  });
  const { tokenizer, endTokens } = options;
  checkArguments("decode an answer", { tokenizer: [tokenizer, aDecoder], endTokens: [endTokens, aList] });
  return tokenizer.decode(tokens.filter((id) => !endTokens.includes(id))).trim();
}

/**
 * Checks stop tokens.
 *
 * @param tokens The tokens.
 * @param vocabularySize The size of the model's head.
 * @throws {RangeError} If one is not in the model's vocabulary.
 */
export function checkStopTokens(tokens: readonly number[], vocabularySize: number): void {
  const stranger = tokens.find((id) => !(Number.isSafeInteger(id) && id >= 0 && id < vocabularySize));
  if (stranger === undefined) return;
  throw new RangeError(
    `Cannot generate: stopTokens must be ids below ${vocabularySize}, the model's vocabulary, current value is ${stranger}`,
  );
}
