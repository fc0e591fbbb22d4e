/**
 * Removes special tokens from texts for display.
 *
 * @module
 */
import { anObject, aText, checkArguments } from "../arguments/check_arguments.ts";
import type { Tokenizer } from "./tokenizer_interface.ts";

/**
 * Removes a tokenizer's special tokens, such as a chat template's `<|im_start|>`, from a text, and then surrounding
 * white space.
 *
 * @param text Any text.
 * @param tokenizer The tokenizer that defines the special tokens.
 * @returns The text for display.
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
  checkArguments("remove special tokens", { text: [text, aText], tokenizer: [tokenizer, anObject] });
  const added = (tokenizer.specification.added_tokens ?? []) as { content: string; special?: boolean }[];
  const contents = added.filter(({ special, content }) => special && content !== "").map(({ content }) => content);
  // If one token is a prefix of another, the longer one matches.
  contents.sort((a, b) => b.length - a.length);
  return contents.reduce((rest, content) => rest.replaceAll(content, ""), text).trim();
}
