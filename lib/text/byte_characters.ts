/**
 * GPT-2's mapping of bytes to printable characters, so that a vocabulary file has no control characters.
 *
 * Source: A. Radford et al., "Language models are unsupervised multitask learners", 2019, and its released code.
 *
 * @module
 */

const isPrintable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

/**
 * The character of each of the 256 bytes: a printable Latin-1 byte is mapped to itself, the others are the characters
 * from U+0100 on, in the order of the bytes. A blank is "Ġ", a line break "Ċ".
 */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
})();

const encoder = new TextEncoder();

/**
 * Writes a text's UTF-8 bytes as byte characters.
 *
 * @param text Any text.
 * @returns One character per byte.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toByteCharacters } from "./byte_characters.ts";
 *
 * assert(toByteCharacters(" é\n") === "ĠÃ©Ċ");
 * ```
 */
export function toByteCharacters(text: string): string {
  let characters = "";
  for (const byte of encoder.encode(text)) characters += BYTE_CHARACTERS[byte];
  return characters;
}
