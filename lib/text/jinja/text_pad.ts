/**
 * Pads strings to a width, and expands tabs.
 *
 * @module
 */
import { characters, lengthOf } from "./code_points.ts";
import { checkText } from "./limits.ts";

/** The alignment of a text in its width. */
export type Position = "left" | "right" | "center";

/** `str.ljust`, `str.rjust` and `str.center`. */
export function justified(
  text: string,
  width: number,
  { fill, position }: { fill: string; position: Position },
): string {
  const missing = width - lengthOf(text);
  if (missing <= 0) return text;
  checkText(width);
  // If the padding is odd, Python's `center` depends on whether the width is odd.
  const half = Math.floor(missing / 2) + (missing & width & 1);
  const before = position === "left" ? 0 : position === "right" ? missing : half;
  return fill.repeat(before) + text + fill.repeat(missing - before);
}

/** `str.zfill`. */
export function zeroFilled(text: string, width: number): string {
  const missing = width - lengthOf(text);
  if (missing <= 0) return text;
  checkText(width);
  const sign = /^[-+]/.test(text) ? text[0] : "";
  return sign + "0".repeat(missing) + text.slice(sign.length);
}

/** `str.expandtabs`. */
export function withoutTabs(text: string, size: number): string {
  let [column, length] = [0, 0];
  return characters(text).map((character) => {
    if (character !== "\t") {
      column = character === "\n" || character === "\r" ? 0 : column + 1;
      return character;
    }
    const width = size > 0 ? size - column % size : 0;
    column += width;
    checkText(length += width);
    return " ".repeat(width);
  }).join("");
}
