/**
 * The byte-level BPE tokenizer (`gpt2`) of a GGUF file, as the stages of a `tokenizer.json`.
 *
 * @module
 */
import { byteLevelModel } from "../byte_level_model.ts";
import type { Stage } from "../pipeline/stage.ts";
import { BYTE_LEVEL_CUTS } from "./cuts.ts";
import type { GgufVocabulary, MetadataReader } from "./gguf_vocabulary.ts";
import type { Stages } from "./stages.ts";

/**
 * Makes the stages.
 *
 * @param reader The file's metadata.
 * @param vocabulary Its tokens.
 * @throws {SyntaxError} If the merges are absent, or the pre-tokenizer is absent or unknown; the message names the key.
 */
export function byteLevelStages(reader: MetadataReader, { tokens }: GgufVocabulary): Stages {
  const merges = reader.texts("tokenizer.ggml.merges");
  if (merges === undefined) throw reader.fault("tokenizer.ggml.merges", "the list of merges", undefined);
  const pre = reader.text("tokenizer.ggml.pre");
  if (pre === undefined || !Object.hasOwn(BYTE_LEVEL_CUTS, pre)) {
    const known = Object.keys(BYTE_LEVEL_CUTS).join(", ");
    const advice = "otherwise name the tokenizer's folder";
    throw reader.fault("tokenizer.ggml.pre", `a known pre-tokenizer (${known}), ${advice}`, pre);
  }
  const { preTokenizer, normalizer, ignoreMerges, addsFirst } = BYTE_LEVEL_CUTS[pre];
  const model: Stage = byteLevelModel({ tokens, merges, ignoreMerges });
  const decoder = { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true };
  return { normalizer, preTokenizer, decoder, model, addsFirst };
}
