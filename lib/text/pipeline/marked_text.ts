/**
 * Texts on their way through the stages. The only offset that is tracked is whether a part is the start of the
 * original, which Metaspace's scheme `first` needs.
 *
 * @module
 */
import type { Span } from "./pattern.ts";

/** A text, and how much of it comes from the first character of the original. */
export interface MarkedText {
  /** The text. */
  text: string;
  /** Code units at its start that come from the first character of the original; 0 in all but the first part. */
  head: number;
}

/**
 * Extracts a part of a text.
 *
 * @param marked The text.
 * @param span The part.
 * @returns The part as a text.
 */
export function partOf({ text, head }: MarkedText, [start, end]: Span): MarkedText {
  return { text: text.slice(start, end), head: Math.max(0, Math.min(head, end) - start) };
}

/**
 * Rewrites a text character by character.
 *
 * @param marked The text.
 * @param rewrite Maps a text to its rewritten form; context-free per character.
 * @returns The rewritten text.
 */
export function rewritten({ text, head }: MarkedText, rewrite: (text: string) => string): MarkedText {
  return { text: rewrite(text), head: head === 0 ? 0 : rewrite(text.slice(0, head)).length };
}

/**
 * Prepends a text.
 *
 * @param marked The text.
 * @param prefix The prefix; an empty text gets none.
 * @returns The concatenation.
 */
export function prepended({ text, head }: MarkedText, prefix: string): MarkedText {
  return text === "" ? { text, head } : { text: prefix + text, head: head === 0 ? 0 : head + prefix.length };
}

/**
 * Replaces parts of a text.
 *
 * @param marked The text.
 * @param spans The parts, in order.
 * @param content The replacement of each.
 * @returns The text with its parts replaced.
 */
export function replaced({ text, head }: MarkedText, spans: readonly Span[], content: string): MarkedText {
  if (spans.length === 0) return { text, head };
  let result = "";
  let newHead = 0;
  let from = 0;
  for (const [start, end] of spans) {
    newHead += Math.max(0, Math.min(head, start) - from) + (end <= head ? content.length : 0);
    result += text.slice(from, start) + content;
    from = end;
  }
  newHead += Math.max(0, head - from);
  return { text: result + text.slice(from), head: newHead };
}
