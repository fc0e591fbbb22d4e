/**
 * Writes a trained vocabulary as the two files of a Hugging Face tokenizer.
 *
 * @module
 */
import { byteLevelModel } from "./byte_level_model.ts";
import type { TokenizerTexts } from "./tokenizer_files.ts";
import type { BpeVocabulary } from "./train_bpe.ts";

/**
 * Writes a byte-level vocabulary in the form that the Python library `tokenizers` and its JavaScript counterpart load.
 *
 * @param vocabulary Tokens, merges and end token.
 * @returns The texts of `tokenizer.json` and `tokenizer_config.json`.
 *
 * @example A vocabulary of bytes alone
 * ```ts
 * import assert from "node:assert/strict";
 * import { tokenizerOf, trainBpe } from "@amid/amid/text";
 * import { tokenizerTexts } from "./tokenizer_json.ts";
 *
 * const tokenizer = tokenizerOf(tokenizerTexts(trainBpe([], { vocabularySize: 257 })));
 * assert(tokenizer.encode("ab").length === 2 && tokenizer.endToken === 256);
 * ```
 */
export function tokenizerTexts({ tokens, merges, endToken }: BpeVocabulary): TokenizerTexts {
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [{
      id: tokens.indexOf(endToken),
      content: endToken,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    }],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: { ...byteLevel, trim_offsets: false },
    decoder: { ...byteLevel, add_prefix_space: true },
    model: byteLevelModel({ tokens, merges: merges.map((pair) => pair.join(" ")) }),
  };
  const config = {
    add_prefix_space: false,
    bos_token: endToken,
    clean_up_tokenization_spaces: false,
    eos_token: endToken,
    errors: "replace",
    model_max_length: 1024,
    tokenizer_class: "GPT2Tokenizer",
    unk_token: endToken,
  };
  return { tokenizer: JSON.stringify(tokenizer) + "\n", config: JSON.stringify(config, undefined, 2) + "\n" };
}
