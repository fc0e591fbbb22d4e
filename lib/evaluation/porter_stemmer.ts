/**
 * The Porter stemmer with NLTK's extensions, as Python's rouge-score uses it.
 *
 * In comments, the measure m of a stem is the number of times that a vowel run is followed by a consonant run in it.
 *
 * @module
 */

/** Forms that the rules would spoil. */
const irregular = new Map<string, string>([
  ["sky", "sky"],
  ["skies", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["news", "news"],
  ["innings", "inning"],
  ["inning", "inning"],
  ["outings", "outing"],
  ["outing", "outing"],
  ["cannings", "canning"],
  ["canning", "canning"],
  ["howe", "howe"],
  ["proceed", "proceed"],
  ["exceed", "exceed"],
  ["succeed", "succeed"],
]);

/** A letter for each letter of the word, `v` for a vowel, `c` for a consonant; y is a vowel after a consonant. */
function shape(word: string): string {
  let kinds = "";
  for (const letter of word) {
    const vowel = letter === "y" ? kinds.endsWith("c") : "aeiou".includes(letter);
    kinds += vowel ? "v" : "c";
  }
  return kinds;
}

const measure = (stem: string): number => shape(stem).match(/vc/g)?.length ?? 0;

const hasVowel = (stem: string): boolean => shape(stem).includes("v");

const endsInDoubleConsonant = (word: string): boolean => /(.)\1$/.test(word) && shape(word).endsWith("c");

/** Ends in consonant, vowel, consonant other than w, x, y; or is a vowel and a consonant. */
function endsShort(word: string): boolean {
  const kinds = shape(word);
  return kinds === "vc" || (kinds.endsWith("cvc") && !/[wxy]$/.test(word));
}

/** A suffix, what replaces it, and the condition on what stands before it. */
type Rule = [suffix: string, replacement: string, when: (stem: string) => boolean];

/** Applies the first rule whose suffix fits; if its condition fails, no later rule is tried. */
function applyFirst(rules: readonly Rule[], word: string): string {
  for (const [suffix, replacement, when] of rules) {
    if (!word.endsWith(suffix)) continue;
    const stem = word.slice(0, word.length - suffix.length);
    return when(stem) ? stem + replacement : word;
  }
  return word;
}

const always = () => true;
const positive = (stem: string) => measure(stem) > 0;
const aboveOne = (stem: string) => measure(stem) > 1;

const rules = (pairs: string, when: (stem: string) => boolean): Rule[] =>
  pairs.split(" ").map((pair) => {
    const [suffix, replacement] = pair.split(":");
    return [suffix, replacement, when];
  });

const plurals = rules("sses:ss ies:i ss:ss s:", always);

/** Double and triple suffixes to single ones; "-logi" asks for the measure with its l. */
const doubleSuffixes: readonly Rule[] = [
  ...rules("ational:ate tional:tion enci:ence anci:ance izer:ize bli:ble alli:al entli:ent eli:e ousli:ous", positive),
  ...rules("ization:ize ation:ate ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive", positive),
  ...rules("biliti:ble fulli:ful", positive),
  ["logi", "log", (stem) => positive(stem + "l")],
];

const adjectiveSuffixes = rules("icate:ic ative: alize:al iciti:ic ical:ic ful: ness:", positive);

const bareSuffixes: readonly Rule[] = [
  ...rules("al: ance: ence: er: ic: able: ible: ant: ement: ment: ent:", aboveOne),
  ["ion", "", (stem) => aboveOne(stem) && /[st]$/.test(stem)],
  ...rules("ou: ism: ate: iti: ous: ive: ize:", aboveOne),
];

function dropPlural(word: string): string {
  return word.length === 4 && word.endsWith("ies") ? word.slice(0, -1) : applyFirst(plurals, word);
}

/** "-eed", "-ed", "-ing", and the mending of what they leave: "hop(p)ing", "fil(e)ing", "conflat(e)d". */
function dropTense(word: string): string {
  if (word.endsWith("ied")) return word.slice(0, word.length === 4 ? -1 : -2);
  if (word.endsWith("eed")) return positive(word.slice(0, -3)) ? word.slice(0, -1) : word;
  const stem = word.replace(/(ed|ing)$/, "");
  if (stem === word || !hasVowel(stem)) return word;
  if (/(at|bl|iz)$/.test(stem)) return stem + "e";
  if (endsInDoubleConsonant(stem)) return /[lsz]$/.test(stem) ? stem : stem.slice(0, -1);
  return measure(stem) === 1 && endsShort(stem) ? stem + "e" : stem;
}

function yToI(word: string): string {
  const fits = word.length > 2 && word.endsWith("y") && shape(word.slice(0, -1)).endsWith("c");
  return fits ? word.slice(0, -1) + "i" : word;
}

function simplifySuffix(word: string): string {
  // "-ally" first loses its "-ly", so that "-ationally" and the like are found beneath it.
  if (word.endsWith("alli") && positive(word.slice(0, -4))) return simplifySuffix(word.slice(0, -2));
  return applyFirst(doubleSuffixes, word);
}

function dropFinalE(word: string): string {
  if (!word.endsWith("e")) return word;
  const stem = word.slice(0, -1);
  const m = measure(stem);
  return m > 1 || (m === 1 && !endsShort(stem)) ? stem : word;
}

function dropDoubleL(word: string): string {
  return word.endsWith("ll") && aboveOne(word.slice(0, -1)) ? word.slice(0, -1) : word;
}

/**
 * Stems an English word.
 *
 * Equal to `nltk.stem.PorterStemmer().stem(word)` in its default mode; words of one or two letters stay as they are.
 *
 * @param word The word; it is lower-cased first.
 * @returns Its stem, which need not be a word itself.
 *
 * Source: M. F. Porter, "An algorithm for suffix stripping", 1980, with the extensions of the Natural Language Toolkit.
 *
 * @example Inflected forms meet in one stem
 * ```ts
 * import assert from "node:assert/strict";
 * import { porterStem } from "@amid/amid/evaluation";
 *
 * assert.deepEqual(["connected", "connecting", "connection"].map(porterStem), ["connect", "connect", "connect"]);
 * ```
 */
export function porterStem(word: string): string {
  const lower = word.toLowerCase();
  const known = irregular.get(lower);
  if (known !== undefined) return known;
  if (lower.length <= 2) return lower;
  const inflected = yToI(dropTense(dropPlural(lower)));
  const derived = applyFirst(bareSuffixes, applyFirst(adjectiveSuffixes, simplifySuffix(inflected)));
  return dropDoubleL(dropFinalE(derived));
}
