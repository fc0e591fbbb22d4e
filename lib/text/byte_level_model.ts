/**
 * The model of a byte-level BPE `tokenizer.json`.
 *
 * @module
 */

/** The settings in which such models differ. */
export interface ByteLevelVocabulary {
  /** The tokens, in the order of their ids. */
  tokens: readonly string[];
  /** The merges, in order, each as two parts separated by a blank. */
  merges: readonly string[];
  /**
   * Whether a word that is a token becomes that token without merging.
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
