/**
 * Added tokens, which are found in a text before it is pre-tokenized.
 *
 * @module
 */
import { type MarkedText, partOf } from "./marked_text.ts";
import type { Span } from "./pattern.ts";
import { WORD_CHARACTERS } from "./pre_tokenizers.ts";

/** An added token. */
export interface AddedToken {
  /** Its text. */
  content: string;
  /** Whether it is found only if no letter, mark or number is next to it. */
  single_word: boolean;
  /** Whether the white space before it belongs to it. */
  lstrip: boolean;
  /** Whether the white space after it belongs to it. */
  rstrip: boolean;
  /** Whether its normalized form is looked for in the normalized text. */
  normalized: boolean;
  /** Whether it is a special token rather than text, such as the end token. */
  special: boolean;
}

/** A part of a text: an added token, or the text between. */
export type Part = number | MarkedText;

/** A token to look for. */
interface Wanted {
  id: number;
  token: AddedToken;
}

type Node = { wanted?: Wanted; next: Map<number, Node> };

const wordAtStart = new RegExp(`^[${WORD_CHARACTERS}]`, "u");
const space = /^\p{White_Space}/u;

/**
 * Makes a finder of tokens.
 *
 * @param tokens The tokens with their ids and search texts.
 * @returns A function that splits a text at the tokens: the earliest match, and of those the longest. Undefined without
 * tokens.
 */
export function tokenFinder(
  tokens: readonly (Wanted & { text: string })[],
): ((text: MarkedText) => Part[]) | undefined {
  const root: Node = { next: new Map() };
  for (const { text, id, token } of tokens) {
    let node = root;
    for (let place = 0; place < text.length; place += 1) {
      const unit = text.charCodeAt(place);
      let next = node.next.get(unit);
      if (next === undefined) node.next.set(unit, next = { next: new Map() });
      node = next;
    }
    if (node !== root) node.wanted = { id, token };
  }
  if (root.next.size === 0) return undefined;
  const units = [...root.next.keys()].map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`);
  const first = new RegExp(`[${units.join("")}]`, "g");

  return (marked) => {
    const { text } = marked;
    const parts: Part[] = [];
    let from = 0;
    for (let place = 0;;) {
      first.lastIndex = place;
      const candidate = first.exec(text);
      if (candidate === null) break;
      place = candidate.index;
      const found = longestAt(root, text, place);
      if (found === undefined) {
        place += 1;
        continue;
      }
      const { wanted: { id, token }, end } = found;
      const [start, stop] = reach(token, { text, from, span: [place, end] });
      place = end;
      if (start < 0) continue;
      if (from < start) parts.push(partOf(marked, [from, start]));
      parts.push(id);
      from = stop;
    }
    if (from !== text.length) parts.push(partOf(marked, [from, text.length]));
    return parts;
  };
}

function longestAt(root: Node, text: string, start: number): { wanted: Wanted; end: number } | undefined {
  let found: { wanted: Wanted; end: number } | undefined;
  let node = root.next.get(text.charCodeAt(start));
  for (let place = start + 1; node !== undefined; place += 1) {
    if (node.wanted !== undefined) found = { wanted: node.wanted, end: place };
    node = place < text.length ? node.next.get(text.charCodeAt(place)) : undefined;
  }
  return found;
}

/**
 * The span of a token with the white space that belongs to it; a negative start if it does not match.
 */
function reach(
  { single_word, lstrip, rstrip }: AddedToken,
  { text, from, span: [start, end] }: { text: string; from: number; span: Span },
): Span {
  if (single_word) {
    const before = Array.from(text.slice(Math.max(0, start - 2), start)).at(-1) ?? "";
    if (wordAtStart.test(before) || wordAtStart.test(text.slice(end, end + 2))) return [-1, -1];
  }
  let [left, right] = [start, end];
  if (lstrip) { while (left > from && space.test(text[left - 1])) left -= 1; }
  if (rstrip) { while (right < text.length && space.test(text[right])) right += 1; }
  // White space that belongs to the previous token is not taken again.
  return [lstrip ? Math.max(from, left) : left, right];
}
