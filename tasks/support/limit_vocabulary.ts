/**
 * Heads that are padded beyond the tokenizer's size.
 *
 * @module
 */
import type { LanguageModel } from "../../lib/models/language_model.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Cuts the padding of a model's head off, so that no token is written that the tokenizer does not know.
 *
 * @param name What the message calls the model, such as the flag that it was given by.
 * @returns The model.
 * @throws {UsageError} If the tokenizer has tokens that the model lacks; the message names `--tokenizer`, which every
 * task that calls this has.
 */
export function limitTo(model: LanguageModel, tokenizer: Tokenizer, name = "the model"): LanguageModel {
  const [tokens, known] = [tokenizer.vocabularySize, model.config.vocabularySize];
  if (tokens > known) {
    throw new UsageError(
      `Cannot use the tokenizer: it has ${tokens} tokens, ${name} has ${known}; --tokenizer sets another`,
    );
  }
  model.limitVocabulary(tokenizer.vocabularySize);
  return model;
}
