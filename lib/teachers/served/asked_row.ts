/**
 * What a server is asked for, and what its answers must be.
 *
 * @module
 */

/** A row that a server is asked about. */
export interface AskedRow {
  /** The token ids of prompt and response. */
  ids: readonly number[];
  /** Tokens of the prompt: distributions are wanted from there on. */
  promptLength: number;
  /** The text of all tokens, for servers that take no ids. */
  text?: string;
}

/** What holds for all of a teacher's requests. */
export interface Asking {
  /** What messages call the server. */
  server: string;
  /** The model's name. */
  model: string;
  /** How many tokens each answer names. */
  topK: number;
  /** Tokens of the vocabulary. */
  vocabularySize: number;
}
