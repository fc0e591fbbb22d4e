/**
 * Normalizers, applied to a text before pre-tokenization.
 *
 * @module
 */
import { toByteCharacters } from "../byte_characters.ts";
import { bertNormalizer } from "./bert_normalizer.ts";
import { characterRanges } from "./character_sets.ts";
import { type MarkedText, prepended, replaced, rewritten } from "./marked_text.ts";
import { lowercase, type NormalForm, normalForm } from "./normal_forms.ts";
import { findByPattern } from "./pattern.ts";
import { precompiledRules } from "./precompiled.ts";
import { makerOf, type Settings, settingsOf, type Stage, stageOf } from "./stage.ts";

/** Normalizes a text. */
export type Normalize = (text: MarkedText) => MarkedText;

type Maker = (settings: Settings, stage: Stage) => Normalize;

const combining = new RegExp(`[${characterRanges("combining")}]+`, "gu");
const spacesAtStart = /^\p{White_Space}+/u;
const spacesAtEnd = /\p{White_Space}+$/u;

const form = (name: NormalForm): Maker => () => (text) => rewritten(text, (part) => normalForm(part, name));

const MAKERS: Readonly<Record<string, Maker>> = {
  BertNormalizer: bertNormalizer,
  ByteLevel: () => (text) => rewritten(text, toByteCharacters),
  Lowercase: () => (text) => rewritten(text, lowercase),
  NFC: form("NFC"),
  NFD: form("NFD"),
  NFKC: form("NFKC"),
  NFKD: form("NFKD"),
  Nmt: () => (text) => rewritten(text, nmt),
  Precompiled: ({ read }) => {
    const apply = precompiledRules(read("precompiled_charsmap", "string"));
    return (text) => {
      const result = rewritten(text, apply);
      // If the first character is removed, the Rust library treats the next one as the first.
      return text.head > 0 && result.head === 0 ? { ...result, head: Math.min(1, result.text.length) } : result;
    };
  },
  Prepend: ({ read }) => {
    const prefix = read("prepend", "string");
    return (text) => prepended(text, prefix);
  },
  Replace: ({ name, read }, stage) => {
    const find = findByPattern(stage, name);
    const content = read("content", "string");
    return (text) => replaced(text, find(text.text), content);
  },
  Sequence: ({ list, name }) => {
    const steps = list("normalizers").map((part, place) => normalizerOf(part, `${name}.normalizers[${place}]`));
    return (text) => steps.reduce((before, step) => step(before), text);
  },
  Strip: ({ read }) => {
    const [left, right] = [read("strip_left", "boolean"), read("strip_right", "boolean")];
    return ({ text, head }) => {
      const start = left ? text.replace(spacesAtStart, "") : text;
      return {
        text: right ? start.replace(spacesAtEnd, "") : start,
        head: Math.max(0, head - text.length + start.length),
      };
    };
  },
  StripAccents: () => (text) => rewritten(text, (part) => part.replace(combining, "")),
};

/**
 * Makes a normalizer.
 *
 * @param value The stage, or null if it is absent.
 * @param name Its path in the file, for messages.
 * @returns The normalizer.
 * @throws {TypeError | RangeError} If a setting is invalid; the message names it.
 */
export function normalizerOf(value: unknown, name = "normalizer"): Normalize {
  if (value === undefined || value === null) return (text) => text;
  const stage = stageOf(value, name);
  return makerOf(stage, name, MAKERS)(settingsOf(stage, name), stage);
}

/** Rules of Google's translation models: control characters are removed, and several others become blanks. */
function nmt(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/g, "")
    .replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, " ");
}
