/**
 * Python's white space and line ends, which differ from JavaScript's.
 *
 * @module
 */

/** The characters that Python's `str.isspace` is true for, as a regular expression class. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const LEADING = new RegExp(`^[${SPACE}]+`);
const AROUND = new RegExp(`[${SPACE}]`);

/** Strips leading white space. */
export const trimStart = (text: string): string => text.replace(LEADING, "");

/** Strips trailing white space. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && AROUND.test(text[end - 1])) end--;
  return text.slice(0, end);
}

/** Whether a character is white space. */
export const isSpace = (character: string): boolean => AROUND.test(character);

/** Splits at runs of white space, with none at the ends. */
export const splitSpace = (text: string): string[] => text.match(new RegExp(`[^${SPACE}]+`, "g")) ?? [];

const END = "\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029";
const LINE = new RegExp(`[^${END}]*(?:\\r\\n|[${END}])|[^${END}]+$`, "g");
const LINE_END = new RegExp(`(?:\\r\\n|[${END}])$`);

/** Splits into lines as `str.splitlines` does; optionally with their ends. */
export function splitLines(text: string, withEnds: boolean = false): string[] {
  return (text.match(LINE) ?? []).map((line) => withEnds ? line : line.replace(LINE_END, ""));
}
