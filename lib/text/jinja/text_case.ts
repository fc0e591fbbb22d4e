/**
 * Upper, lower and title case, and related predicates.
 *
 * @module
 */
import { characters } from "./code_points.ts";

/** Characters whose title case differs from their upper case: digraphs. */
const TITLES = new Map<string, string>();
for (const [first, title] of [[0x1c4, 0x1c5], [0x1c7, 0x1c8], [0x1ca, 0x1cb], [0x1f1, 0x1f2]]) {
  for (let code = first; code < first + 3; code++) TITLES.set(String.fromCodePoint(code), String.fromCodePoint(title));
}
// Greek letters keep their iota subscript; eight lower-case letters, then eight upper-case ones, three times.
for (const start of [0x1f80, 0x1f90, 0x1fa0]) {
  for (let code = start; code < start + 16; code++) {
    TITLES.set(String.fromCodePoint(code), String.fromCodePoint(code < start + 8 ? code + 8 : code));
  }
}
for (const code of [0x1fbc, 0x1fcc, 0x1ffc]) {
  for (const letter of [code, code - 9]) TITLES.set(String.fromCodePoint(letter), String.fromCodePoint(code));
}

/** A character in title case. */
function titled(character: string): string {
  const known = TITLES.get(character);
  if (known !== undefined) return known;
  // Georgian has upper case, but not in titles.
  if (/[\u10d0-\u10fa\u10fd-\u10ff]/.test(character)) return character;
  const [first, ...rest] = Array.from(character.toUpperCase());
  const isGreek = character >= "\u1f80" && character <= "\u1fff" && rest.at(-1) === "Ι";
  if (isGreek) return [first, ...rest.slice(0, -1), "\u0345"].join("");
  // A leading apostrophe has no case, and the letter after it starts the word.
  return first + (isCased(first) ? rest.join("").toLowerCase() : rest.join(""));
}

/** Whether a character has a case. */
const isCased = (character: string): boolean => /[\p{Lowercase}\p{Uppercase}\p{Lt}]/u.test(character);

/** Characters in lower case, in context: a sigma at the end of a word has a separate form. */
function lowerForms(text: string): string[] {
  const whole = text.toLowerCase();
  let from = 0;
  return characters(text).map((character) => {
    const start = from;
    from += character.toLowerCase().length;
    return whole.slice(start, from);
  });
}

/** `str.casefold`: the lower case of the upper case, except for Cherokee (folded to upper case) and the dotless i. */
export function caseFolded(text: string): string {
  return characters(text).map((character) => {
    if (/[\u13a0-\u13f5\u0131]/.test(character)) return character;
    if (/[\u13f8-\u13fd\uab70-\uabbf]/.test(character)) return character.toUpperCase();
    return character === "ẞ" ? "ss" : character.toUpperCase().toLowerCase().replaceAll("ς", "σ");
  }).join("");
}

/** `str.capitalize`. */
export function capitalized(text: string): string {
  const [first = ""] = characters(text);
  return first === "" ? "" : titled(first) + lowerForms(text).slice(1).join("");
}

/** `str.title`. */
export function titleCased(text: string): string {
  let isInside = false;
  const lower = lowerForms(text);
  return characters(text).map((character, index) => {
    const form = isInside ? lower[index] : titled(character);
    isInside = isCased(character);
    return form;
  }).join("");
}

/** `str.swapcase`. */
export function swapped(text: string): string {
  const lower = lowerForms(text);
  return characters(text).map((character, index) =>
    /\p{Uppercase}/u.test(character)
      ? lower[index]
      : /\p{Lowercase}/u.test(character)
      ? character.toUpperCase()
      : character
  ).join("");
}

/** `str.istitle`. */
export function isTitled(text: string): boolean {
  let [isInside, isAny] = [false, false];
  for (const character of text) {
    if (/[\p{Uppercase}\p{Lt}]/u.test(character)) {
      if (isInside) return false;
      isInside = isAny = true;
    } else if (/\p{Lowercase}/u.test(character)) {
      if (!isInside) return false;
      isAny = true;
    } else isInside = false;
  }
  return isAny;
}

/** `str.islower`. */
export const isLower = (text: string): boolean => /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);

/** `str.isupper`. */
export const isUpper = (text: string): boolean => /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
