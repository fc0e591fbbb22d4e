/**
 * Texts for people.
 *
 * @module
 */
import type { Tokenizer } from "./tokenizer_interface.ts";

/**
 * Takes a tokenizer's special tokens, such as a chat template's `<|im_start|>`, out of a text, and the white space that is
 * then left at its ends.
 *
 * @param text Any text.
 * @param tokenizer The tokenizer whose special tokens they are.
 * @returns The text as a reader wants it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer } from "@amid/amid";
 * import { withoutSpecialTokens } from "@amid/amid/text";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * assert.equal(withoutSpecialTokens("<|endoftext|>A heron?\n", tokenizer), "A heron?");
 * ```
 */
export function withoutSpecialTokens(text: string, tokenizer: Pick<Tokenizer, "specification">): string {
  const added = (tokenizer.specification.added_tokens ?? []) as { content: string; special?: boolean }[];
  const contents = added.filter(({ special, content }) => special && content !== "").map(({ content }) => content);
  // Of two tokens of which one begins with the other, the longer is meant.
  contents.sort((a, b) => b.length - a.length);
  return contents.reduce((rest, content) => rest.replaceAll(content, ""), text).trim();
}
