/**
 * Where an answer ends: the one rule that generation, training and scoring go by.
 *
 * @module
 */
import { aDecoder, aList, aModel, checkArguments, objectWith } from "../../arguments/check_arguments.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { LanguageModel } from "../language_model.ts";

/** What an answer's end depends on. */
export interface EndTokensContext {
  /** The model that answers. */
  model: Pick<LanguageModel, "config">;
  /** The tokenizer that makes its prompts. */
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
 * The Python library transformers uses generation_config.json alone where it exists. Every token that it stops at
 * is among these.
 *
 * @param context The model and the tokenizer.
 * @returns Token ids, each once, the model's first.
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
 * Whether an answer ended with an end token, rather than being cut at the maximum length.
 *
 * @param tokens What {@linkcode generate} wrote, prompt included or not.
 * @param endTokens The tokens that end an answer.
 */
export function isEnded(tokens: readonly number[], endTokens: readonly number[]): boolean {
  return tokens.length > 0 && endTokens.includes(tokens[tokens.length - 1]);
}

/**
 * Turns an answer into text, without the tokens that end it and white space around it.
 *
 * @param tokens What {@linkcode generate} wrote.
 * @param options The tokenizer, and the tokens that are left out wherever they stand.
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
 * Checks tokens that are to end answers.
 *
 * @param tokens The tokens.
 * @param vocabularySize The size of the model's head.
 * @throws {RangeError} If one is no id of the model's vocabulary.
 */
export function checkStopTokens(tokens: readonly number[], vocabularySize: number): void {
  const stranger = tokens.find((id) => !(Number.isSafeInteger(id) && id >= 0 && id < vocabularySize));
  if (stranger === undefined) return;
  throw new RangeError(
    `Cannot generate: stopTokens must be ids below ${vocabularySize}, the model's vocabulary, current value is ${stranger}`,
  );
}
