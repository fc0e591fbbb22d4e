/**
 * Sequence-level distillation: a data set whose responses a teacher has written.
 *
 * @module
 */
import type { LanguageModel } from "../models/language_model.ts";
import { generate } from "../models/generate.ts";
import type { SamplingOptions } from "../models/sample_token.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { CorpusText } from "./corpus.ts";
import { hashText } from "./random.ts";

/** Options for {@linkcode respond}. */
export interface RespondOptions extends SamplingOptions {
  /** The model's tokenizer. */
  tokenizer: Tokenizer;
  /** The most tokens of a response. */
  maxNewTokens: number;
  /**
   * Decides the draws.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * Prompts that are answered together; the responses do not depend on where one begins.
   *
   * @default {32}
   */
  batchSize?: number;
  /**
   * How many texts have been answered before.
   *
   * @default {0}
   */
  start?: number;
}

/**
 * Has a model answer texts, some at a time.
 *
 * @param model The teacher.
 * @param texts The texts; only their prompts are read.
 * @param options How it answers.
 * @returns Responses in the order of the texts, a list for each batch; one that came out empty is an empty text.
 * @throws {RangeError} If `start` is not the beginning of a batch, or a prompt leaves no place for a response.
 *
 * Source: Y. Kim and A. Rush, "Sequence-level knowledge distillation", 2016.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, respond, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const [teacher, tokenizer] = [await loadModel("data/teacher"), await loadTokenizer("data/tokenizer")];
 * const texts = [{ kind: "", prompt: "What kind of thing is a heron?\n", outputs: ["animal"] }];
 * for await (const responses of respond(teacher, texts, { tokenizer, maxNewTokens: 8, temperature: 0 })) {
 *   assert(responses.length === 1);
 * }
 * ```
 */
export async function* respond(
  model: LanguageModel,
  texts: readonly CorpusText[],
  options: RespondOptions,
): AsyncGenerator<string[], void> {
  const { tokenizer, maxNewTokens, seed = 0, batchSize = 32, start = 0, ...sampling } = options;
  if (start % batchSize !== 0) {
    throw new RangeError(`Cannot respond: start must be a multiple of ${batchSize}, current value is ${start}`);
  }
  for (let from = start; from < texts.length; from += batchSize) {
    const prompts = texts.slice(from, from + batchSize).map(({ prompt }) => tokenizer.encode(prompt));
    const written = await generate(model, prompts, {
      ...sampling,
      maxNewTokens,
      batchSize,
      stopTokens: [tokenizer.endToken],
      seed: hashText(`responses from ${from}`, seed),
    });
    yield written.map((ids) => tokenizer.decode(ids.filter((id) => id !== tokenizer.endToken)).trim());
  }
}
