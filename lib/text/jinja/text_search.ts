/**
 * Finding, splitting and replacing in strings, in code points.
 *
 * @module
 */
import { characters, lengthOf } from "./code_points.ts";
import { checkItems, checkText } from "./limits.ts";
import { isSpace, splitSpace, trimEnd, trimStart } from "./white_space.ts";

/** The part of a string that is searched, and its start in code points. */
export interface Part {
  text: string;
  start: number;
  /** Whether the part lies within the string; an empty one beyond its end does not. */
  isInside: boolean;
}

/** Extracts the part between two indices, in code points from the start or, if negative, from the end. */
export function partOf(text: string, from: number | null, to: number | null): Part {
  if (from === null && to === null) return { text, start: 0, isInside: true };
  const all = characters(text);
  const at = (place: number) => Math.max(0, place < 0 ? place + all.length : place);
  const start = at(from ?? 0);
  const stop = Math.min(at(to ?? all.length), all.length);
  return { text: all.slice(start, Math.max(start, stop)).join(""), start, isInside: start <= stop };
}

/** The first or last occurrence of a string in another, in code points; -1 if there is none. */
export function findIn({ text, start, isInside }: Part, wanted: string, isLast: boolean): number {
  const found = !isInside ? -1 : isLast ? text.lastIndexOf(wanted) : text.indexOf(wanted);
  return found === -1 ? -1 : start + lengthOf(text.slice(0, found));
}

/** The number of non-overlapping occurrences. */
export function countIn({ text, isInside }: Part, wanted: string): number {
  if (!isInside) return 0;
  return wanted === "" ? lengthOf(text) + 1 : text.split(wanted).length - 1;
}

/** `str.replace`: the first `count` occurrences, or all if `count` is negative. */
export function replaced(text: string, [old, fresh, count]: [string, string, number]): string {
  if (count === 0) return text;
  const pieces = old === "" ? ["", ...characters(text), ""] : text.split(old);
  const places = pieces.length - 1;
  const changed = count < 0 ? places : Math.min(count, places);
  checkText(text.length + changed * Math.max(0, fresh.length - old.length));
  const head = pieces.slice(0, changed + 1).join(fresh);
  return [head, ...pieces.slice(changed + 1)].join(old);
}

/**
 * `str.split` and `str.rsplit`: at a separator, or at white space; at most `maxsplit` times, or without limit if
 * negative.
 */
export function splitText(text: string, { at, most, isFromEnd }: SplitOptions): string[] {
  if (at === null) return splitAtSpace(text, most, isFromEnd);
  if (!isFromEnd) {
    const pieces = text.split(at);
    checkItems(pieces.length);
    if (most < 0 || pieces.length <= most + 1) return pieces;
    return [...pieces.slice(0, most), pieces.slice(most).join(at)];
  }
  // Counted from the end, overlapping separators split differently.
  const last: string[] = [];
  let end = text.length;
  while (most < 0 || last.length < most) {
    const found = end < at.length ? -1 : text.lastIndexOf(at, end - at.length);
    if (found === -1) break;
    last.push(text.slice(found + at.length, end));
    checkItems(last.length);
    end = found;
  }
  return [...last, text.slice(0, end)].reverse();
}

/** Options for {@linkcode splitText}. */
export interface SplitOptions {
  at: string | null;
  most: number;
  isFromEnd: boolean;
}

function splitAtSpace(text: string, most: number, isFromEnd: boolean): string[] {
  const words = splitSpace(text);
  checkItems(words.length);
  if (most < 0 || words.length <= most) return words;
  const pieces: string[] = [];
  let rest = isFromEnd ? trimEnd(text) : trimStart(text);
  while (pieces.length < most && rest !== "") {
    const word = isFromEnd ? words[words.length - 1 - pieces.length] : words[pieces.length];
    pieces.push(word);
    rest = isFromEnd ? trimEnd(rest.slice(0, -word.length)) : trimStart(rest.slice(word.length));
  }
  if (rest !== "") pieces.push(rest);
  return isFromEnd ? pieces.reverse() : pieces;
}

/** Which ends are stripped. */
export type Side = "both" | "left" | "right";

/** `str.strip`, `lstrip` and `rstrip`: white space, or any of these characters, at the ends. */
export function stripped(text: string, cut: string | null, side: Side): string {
  const set = cut === null ? undefined : new Set(characters(cut));
  const isCut = (character: string) => set ? set.has(character) : isSpace(character);
  const all = characters(text);
  let [start, end] = [0, all.length];
  if (side !== "right") { while (start < end && isCut(all[start])) start++; }
  if (side !== "left") { while (end > start && isCut(all[end - 1])) end--; }
  return all.slice(start, end).join("");
}
