/**
 * Splits texts at matches of a pattern.
 *
 * @module
 */
import { type MarkedText, partOf } from "./marked_text.ts";
import type { Find, Span } from "./pattern.ts";

/** How a match is treated: it is removed, becomes a separate part, or joins an adjacent part. */
export const BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"] as const;

/** One of {@linkcode BEHAVIORS}. */
export type Behavior = (typeof BEHAVIORS)[number];

/** A part of a text that matches, or lies between matches. */
interface Piece {
  start: number;
  end: number;
  isMatch: boolean;
}

/** Options of a split. */
export interface SplitOptions {
  /** The finder of matches. */
  find: Find;
  /** How a match is treated. */
  behavior: Behavior;
  /** Whether the text between the matches counts as the matches. */
  invert?: boolean;
}

/**
 * Makes a splitter.
 *
 * @param options The matches, and how they are treated.
 * @returns A function that splits a text into non-empty parts.
 */
export function splitter({ find, behavior, invert = false }: SplitOptions): (text: MarkedText) => MarkedText[] {
  return (text) => {
    const tiles = behavior === "Isolated" ? find.tiles(text.text) : undefined;
    if (tiles !== undefined) {
      let { head } = text;
      return tiles.map((part) => {
        const marked = { text: part, head: Math.min(head, part.length) };
        head -= marked.head;
        return marked;
      });
    }
    const pieces = piecesOf(text.text.length, find(text.text), invert);
    return join(pieces, behavior)
      .filter(({ start, end }) => start < end)
      .map(({ start, end }) => partOf(text, [start, end]));
  };
}

function piecesOf(length: number, matches: readonly Span[], invert: boolean): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const [start, end] of matches) {
    if (from !== start) pieces.push({ start: from, end: start, isMatch: invert });
    pieces.push({ start, end, isMatch: !invert });
    from = end;
  }
  if (from !== length) pieces.push({ start: from, end: length, isMatch: invert });
  return pieces;
}

function join(pieces: Piece[], behavior: Behavior): Piece[] {
  switch (behavior) {
    case "Isolated":
      return pieces;
    case "Removed":
      return pieces.filter(({ isMatch }) => !isMatch);
    case "Contiguous":
      return joinIf(pieces, (piece, previous) => piece.isMatch === previous);
    case "MergedWithPrevious":
      return joinIf(pieces, (piece, previous) => piece.isMatch && !previous);
    case "MergedWithNext":
      return joinIf(pieces.reverse(), (piece, previous) => piece.isMatch && !previous).reverse();
  }
}

/** Joins each piece to the previous one if requested; `previous` tells whether that one was a match. */
function joinIf(pieces: Piece[], isWanted: (piece: Piece, previous: boolean) => boolean): Piece[] {
  const joined: Piece[] = [];
  let previous = false;
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && isWanted(piece, previous)) {
      last.start = Math.min(last.start, piece.start);
      last.end = Math.max(last.end, piece.end);
    } else joined.push({ ...piece });
    previous = piece.isMatch;
  }
  return joined;
}
