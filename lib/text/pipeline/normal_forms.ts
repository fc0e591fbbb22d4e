/**
 * Unicode's normal forms, in the version of the Rust library.
 *
 * @module
 */
import { characterRanges } from "./character_sets.ts";

/** The names of the forms. */
export type NormalForm = "NFC" | "NFD" | "NFKC" | "NFKD";

const ascii = /^\p{ASCII}*$/u;

/** Characters unassigned in Unicode 9 do not change or move, and nothing composes with or moves across them. */
const between = new RegExp(`[^${characterRanges("unassigned9")}]+`, "gu");

/**
 * Normalizes a text to a normal form of Unicode 9.
 *
 * @param text The text.
 * @param form The form.
 * @returns The text in that form.
 */
export function normalForm(text: string, form: NormalForm): string {
  return ascii.test(text) ? text : text.replace(between, (part) => part.normalize(form));
}

/** Upper-case letters added in Unicode 17, which an older JavaScript engine lacks, with their lower case. */
const newCapitals = new Map<string, string>(
  [[0xa7ce, 1], [0xa7d2, 1], [0xa7d4, 1], ...Array.from({ length: 25 }, (_, place) => [0x16ea0 + place, 27])]
    .map(([capital, distance]) => [String.fromCodePoint(capital), String.fromCodePoint(capital + distance)]),
);

/**
 * Lowercases a text per character: a final sigma is not special.
 *
 * @param text The text.
 * @returns The text in lower case, by Unicode 17.
 */
export function lowercase(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  let result = "";
  for (const character of text) result += newCapitals.get(character) ?? character.toLowerCase();
  return result;
}
