/**
 * What a tokenizer is.
 *
 * @module
 */
import type { ChatTemplate } from "./chat_template.ts";

/**
 * A tokenizer; the same ids and texts as those of the Python libraries `tokenizers` and, with the settings beside it,
 * `transformers`. Two cases that those silently accept are errors here: text without a token, and invalid ids.
 */
export interface Tokenizer {
  /**
   * Text to token ids, without adding tokens. The end token written in the text becomes that token.
   */
  encode(text: string): number[];
  /** Token ids to text; special tokens are included, invalid UTF-8 becomes U+FFFD. */
  decode(ids: readonly number[]): string;
  /** The size of the vocabulary: every id is below it. */
  readonly vocabularySize: number;
  /** The id of the token that ends a text. */
  readonly endToken: number;
  /** The contents of `tokenizer.json`. */
  readonly specification: Readonly<Record<string, unknown>>;
  /**
   * The contents of `tokenizer_config.json`, merged with older files beside it, and the source of the chat template;
   * absent in tokenizers that do not come from files.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The form of prompts that the model was trained with, if the tokenizer has one. */
  readonly chatTemplate?: ChatTemplate;
  /** Writes the files as they were read: `tokenizer.json`, `tokenizer_config.json` and others; makes the folder. */
  save(folder: string): Promise<void>;
}
