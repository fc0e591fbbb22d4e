/**
 * Pre-tokenizers, which split a text into parts that no token crosses.
 *
 * @module
 */
import { toByteCharacters } from "../byte_characters.ts";
import { characterRanges } from "./character_sets.ts";
import { type MarkedText, prepended, replaced, rewritten } from "./marked_text.ts";
import { type Find, findBy, findByOniguruma, findByPattern } from "./pattern.ts";
import { BEHAVIORS, splitter } from "./split.ts";
import { makerOf, type Settings, settingsOf, type Stage, stageOf } from "./stage.ts";

/** Splits a text into parts. */
export type Cut = (text: MarkedText) => MarkedText[];

/** A pre-tokenizer. */
export interface PreTokenizer {
  /** Splits a text into parts. */
  cut: Cut;
  /**
   * The final transformation of each part. It is separate, so that parts can be cached as they are in the text; absent
   * if there is none.
   */
  finish?: (part: string) => string;
}

type Maker = (settings: Settings, stage: Stage) => PreTokenizer;

/** The word characters of the crate `regex`. */
export const WORD_CHARACTERS = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;

/** GPT-2's pre-tokenizer; see `../pre_tokenize.ts`. */
const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

const spaces = findBy(/\p{White_Space}/gu);
const punctuation = findBy(new RegExp(`[$+<=>^\`|~${characterRanges("punctuation")}]`, "gu"));
const numbers = findBy(new RegExp(`[${characterRanges("numeric")}]`, "gu"));
const words = findBy(new RegExp(`[${WORD_CHARACTERS}]+|[^${WORD_CHARACTERS}\\p{White_Space}]+`, "gu"));
const blanks = findBy(/ /gu);

const withoutSpaces = splitter({ find: spaces, behavior: "Removed" });
const uncut: Cut = (text) => [text];

const MAKERS: Readonly<Record<string, Maker>> = {
  BertPreTokenizer: () => {
    const cut = splitter({ find: punctuation, behavior: "Isolated" });
    return { cut: (text) => withoutSpaces(text).flatMap(cut) };
  },
  ByteLevel: ({ read }) => {
    const hasPrefix = read("add_prefix_space", "boolean");
    const cut = read("use_regex", "boolean", true)
      ? splitter({ find: findByOniguruma(GPT2, "GPT-2's cut"), behavior: "Isolated" })
      : uncut;
    return {
      cut: (text) => cut(hasPrefix && !text.text.startsWith(" ") ? prepended(text, " ") : text),
      finish: toByteCharacters,
    };
  },
  CharDelimiterSplit: ({ read }) => ({
    cut: splitter({ find: findCharacter(read("delimiter", "string")), behavior: "Removed" }),
  }),
  Digits: ({ read }) => ({
    cut: splitter({ find: numbers, behavior: read("individual_digits", "boolean") ? "Isolated" : "Contiguous" }),
  }),
  FixedLength: ({ read }) => ({
    cut: splitter({ find: findBy(new RegExp(`[^]{1,${read("length", "number", 5)}}`, "gu")), behavior: "Isolated" }),
  }),
  Metaspace: (settings) => ({ cut: metaspace(settings) }),
  Punctuation: ({ oneOf }) => ({
    cut: splitter({ find: punctuation, behavior: oneOf("behavior", BEHAVIORS, "Isolated") }),
  }),
  Sequence: ({ list, name }) => {
    const steps = list("pretokenizers").map((part, place) => preTokenizerOf(part, `${name}.pretokenizers[${place}]`));
    const cuts = steps.map(({ cut, finish }, place): Cut => {
      if (finish === undefined || place === steps.length - 1) return cut;
      return (text) => cut(text).map((part) => rewritten(part, finish));
    });
    return {
      cut: (text) => cuts.reduce((parts, cut) => parts.flatMap(cut), [text]),
      finish: steps.at(-1)?.finish,
    };
  },
  Split: ({ name, oneOf, read }, stage) => ({
    cut: splitter({
      find: findByPattern(stage, name),
      behavior: oneOf("behavior", BEHAVIORS),
      invert: read("invert", "boolean"),
    }),
  }),
  Whitespace: () => ({ cut: splitter({ find: words, behavior: "Removed", invert: true }) }),
  WhitespaceSplit: () => ({ cut: withoutSpaces }),
};

/**
 * Makes a pre-tokenizer.
 *
 * @param value The stage, or null if it is absent.
 * @param name Its path in the file, for messages.
 * @returns The pre-tokenizer.
 * @throws {TypeError | RangeError} If a setting is invalid; the message names it.
 */
export function preTokenizerOf(value: unknown, name = "pre_tokenizer"): PreTokenizer {
  if (value === undefined || value === null) return { cut: uncut };
  const stage = stageOf(value, name);
  return makerOf(stage, name, MAKERS)(settingsOf(stage, name), stage);
}

/** SentencePiece's treatment of blanks: each becomes a mark, which starts the next part. */
function metaspace({ name, oneOf, read }: Settings): Cut {
  const mark = read("replacement", "string");
  const scheme = oneOf("prepend_scheme", ["first", "never", "always"], "always");
  // An older name for the scheme. If the two contradict, the Rust library refuses the file.
  if (!read("add_prefix_space", "boolean", scheme !== "never") && scheme !== "never") {
    throw new RangeError(
      `${name}.prepend_scheme must be never if add_prefix_space is false, current value is ${scheme}`,
    );
  }
  const cut = read("split", "boolean", true)
    ? splitter({ find: findCharacter(mark), behavior: "MergedWithNext" })
    : uncut;
  return (text) => {
    const marked = replaced(text, blanks(text.text), mark);
    const isWanted = scheme === "always" || (scheme === "first" && text.head > 0);
    return cut(isWanted && !marked.text.startsWith(mark) ? prepended(marked, mark) : marked);
  };
}

const findCharacter = (character: string): Find =>
  findBy(new RegExp(`\\u{${character.codePointAt(0)!.toString(16)}}`, "gu"));
