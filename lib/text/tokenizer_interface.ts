/**
 * What a tokenizer is.
 *
 * @module
 */
import type { ChatTemplate } from "./chat_template.ts";

/**
 * A tokenizer; the same ids and texts as those of the Python libraries `tokenizers` and, with the settings beside it,
 * `transformers`. Two things are errors here that pass there silently: text that has no token, and invalid ids.
 */
export interface Tokenizer {
  /**
   * Text to token ids, with no token added before or after. The end token written out in the text becomes that token.
   */
  encode(text: string): number[];
  /** Token ids to text; special tokens are written out, bytes that are no UTF-8 become U+FFFD. */
  decode(ids: readonly number[]): string;
  /** How many ids there are: every id is below it. */
  readonly vocabularySize: number;
  /** The id of the token that ends a text. */
  readonly endToken: number;
  /** What `tokenizer.json` holds. */
  readonly specification: Readonly<Record<string, unknown>>;
  /**
   * What `tokenizer_config.json` holds, with what older files beside it say, and the source of the chat template; absent in
   * tokenizers that do not come from files.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The form of prompts that the model was trained with, where the tokenizer brings one. */
  readonly chatTemplate?: ChatTemplate;
  /** Writes the files as they were read: `tokenizer.json`, `tokenizer_config.json` and others; makes the folder. */
  save(folder: string): Promise<void>;
}
