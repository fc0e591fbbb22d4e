/**
 * Heads that are padded beyond the tokenizer's size.
 *
 * @module
 */
import { checkTokenizer } from "../../lib/evaluation/evaluate.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import type { Tokenizer } from "../../lib/text/tokenizer.ts";

/**
 * Cuts the padding of a model's head off, so that no token is written that the tokenizer does not know.
 *
 * @returns The model.
 * @throws {RangeError} If the tokenizer has tokens that the model has not.
 */
export function limitTo(model: LanguageModel, tokenizer: Tokenizer): LanguageModel {
  checkTokenizer(tokenizer, model);
  model.limitVocabulary(tokenizer.vocabularySize);
  return model;
}
