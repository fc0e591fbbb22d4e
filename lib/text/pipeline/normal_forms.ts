/**
 * Unicode's normal forms, of the version that the Rust library knows.
 *
 * @module
 */
import { characterRanges } from "./character_sets.ts";

/** The names of the forms. */
export type NormalForm = "NFC" | "NFD" | "NFKC" | "NFKD";

const ascii = /^\p{ASCII}*$/u;

/** What is unassigned in Unicode 9 neither changes nor moves, and nothing joins or passes it. */
const between = new RegExp(`[^${characterRanges("unassigned9")}]+`, "gu");

/**
 * Brings a text into a normal form of Unicode 9.
 *
 * @param text The text.
 * @param form The form.
 * @returns The text in that form.
 */
export function normalForm(text: string, form: NormalForm): string {
  return ascii.test(text) ? text : text.replace(between, (part) => part.normalize(form));
}

/** Capitals that came with Unicode 17, which an engine of an older version does not know, with their small letters. */
const newCapitals = new Map<string, string>(
  [[0xa7ce, 1], [0xa7d2, 1], [0xa7d4, 1], ...Array.from({ length: 25 }, (_, place) => [0x16ea0 + place, 27])]
    .map(([capital, distance]) => [String.fromCodePoint(capital), String.fromCodePoint(capital + distance)]),
);

/**
 * Writes a text in small letters, each character by itself: a sigma at the end of a word is as any other.
 *
 * @param text The text.
 * @returns The text in small letters, of Unicode 17.
 */
export function lowercase(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  let result = "";
  for (const character of text) result += newCapitals.get(character) ?? character.toLowerCase();
  return result;
}
