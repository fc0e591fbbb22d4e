/**
 * The model of a `tokenizer.json` that joins pairs of bytes.
 *
 * @module
 */

/** What such models differ in. */
export interface ByteLevelVocabulary {
  /** The tokens, in the order of their ids. */
  tokens: readonly string[];
  /** The joins, first ones first, as two parts with a blank between them. */
  merges: readonly string[];
  /**
   * Whether a word that is itself a token is not joined from parts.
   *
   * @default {false}
   */
  ignoreMerges?: boolean;
}

/** Makes the model as the Python library `tokenizers` writes it. */
export function byteLevelModel(
  { tokens, merges, ignoreMerges = false }: ByteLevelVocabulary,
): Record<string, unknown> & { type: "BPE" } {
  return {
    type: "BPE",
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: "",
    end_of_word_suffix: "",
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: ignoreMerges,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges,
  };
}
