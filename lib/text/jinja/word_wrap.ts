/**
 * Wraps lines as Python's `textwrap` does.
 *
 * @module
 */
import { characters, lengthOf } from "./code_points.ts";
import { LimitError, valueError } from "./errors.ts";
import { MAX_WORD } from "./limits.ts";
import { trimEnd } from "./white_space.ts";

/** Options for {@linkcode wrapLines}. */
export interface WrapOptions {
  /** The maximum line length, in characters. */
  width: number;
  /** Whether longer words are broken. */
  breaksWords: boolean;
  /** Whether words are broken after their hyphens. */
  breaksHyphens: boolean;
}

const BLANK = "[\\t\\n\\v\\f\\r ]";
const WORD = "[\\p{L}\\p{N}_]";
const LETTER = "[\\p{L}\\p{Nl}\\p{No}_]";
const PUNCTUATED = `(?:${WORD}|[!"'&.,?])`;
/** White space, dashes between words, or a word up to its end, a hyphen between letters or a dash. */
const CHUNK = new RegExp(
  `(${BLANK}+|(?<=${PUNCTUATED})-{2,}(?=${WORD})|[^\\t\\n\\v\\f\\r ]+?(?:` +
    `-(?:(?<=${LETTER}{2}-)|(?<=${LETTER}-${PUNCTUATED}-))(?=${LETTER}-?${LETTER})` +
    `|(?=${BLANK}|$)|(?<=${PUNCTUATED})(?=-{2,}${WORD})))`,
  "u",
);
const SIMPLE_CHUNK = new RegExp(`(${BLANK}+)`);

/** Such a run takes quadratic time. */
const ROW = new RegExp(`-{${MAX_WORD}}`);

const isBlank = (chunk: string): boolean => trimEnd(chunk) === "";

/** Breaks a paragraph into lines; white space at a break is dropped. */
export function wrapLines(paragraph: string, { width, breaksWords, breaksHyphens }: WrapOptions): string[] {
  if (width <= 0) throw valueError(`invalid width ${width} (must be > 0)`);
  if (breaksHyphens && ROW.test(paragraph)) {
    throw new LimitError(`wordwrap takes ${MAX_WORD} hyphens in a row, not more`);
  }
  // Reversed, so that the next chunk is popped from the end.
  const chunks = paragraph.split(breaksHyphens ? CHUNK : SIMPLE_CHUNK).filter((chunk) => chunk).reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let length = 0;
    if (isBlank(chunks.at(-1)!) && lines.length > 0) chunks.pop();
    while (chunks.length > 0 && length + lengthOf(chunks.at(-1)!) <= width) {
      length += lengthOf(chunks.at(-1)!);
      line.push(chunks.pop()!);
    }
    if (chunks.length > 0 && lengthOf(chunks.at(-1)!) > width) {
      if (breaksWords) {
        const word = characters(chunks.pop()!);
        const end = breakOf(word, width - length, breaksHyphens);
        line.push(word.slice(0, end).join(""));
        chunks.push(word.slice(end).join(""));
      } else if (line.length === 0) line.push(chunks.pop()!);
    }
    if (line.length > 0 && isBlank(line.at(-1)!)) line.pop();
    if (line.length > 0) lines.push(line.join(""));
  }
  return lines;
}

/** Where a word that is too long is broken: after its last hyphen in the remaining width, or at the end of it. */
function breakOf(word: readonly string[], room: number, breaksHyphens: boolean): number {
  if (!breaksHyphens || word.length <= room) return room;
  const hyphen = word.slice(0, room).lastIndexOf("-");
  return hyphen > 0 && word.slice(0, hyphen).some((character) => character !== "-") ? hyphen + 1 : room;
}
