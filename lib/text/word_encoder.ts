/**
 * Fast encoding for byte-level tokenizers, GPT-2's, Qwen's and Llama 3's: each different word is encoded once.
 *
 * @module
 */
import { splitWords } from "./pre_tokenize.ts";

/** Words kept at most; when full, the memory starts anew. */
const REMEMBERED_WORDS = 100_000;

/** From text to ids. */
export type Encode = (text: string) => number[];

/** The slow way to encode, and its inverse. */
export interface Coder {
  /** Text to ids. */
  encode: Encode;
  /** Ids to text. */
  decode: (ids: number[]) => string;
}

/** How a tokenizer cuts a text into words that no token crosses. */
type Cut = (text: string) => readonly string[];

interface ByteLevel {
  type?: unknown;
  add_prefix_space?: unknown;
  use_regex?: unknown;
}

interface Split {
  type?: unknown;
  pattern?: { Regex?: unknown };
  behavior?: unknown;
  invert?: unknown;
}

/** The cut of GPT-2, or that of a pattern (Qwen's, Llama 3's) with bytes behind it; nothing if it is another. */
function cutOf(preTokenizer: unknown): Cut | undefined {
  const { type, pretokenizers } = (preTokenizer ?? {}) as ByteLevel & { pretokenizers?: unknown[] };
  if (type === "ByteLevel") return isByteLevel(preTokenizer as ByteLevel, true) ? splitWords : undefined;
  if (type !== "Sequence" || pretokenizers?.length !== 2) return undefined;
  const [split, bytes] = pretokenizers as [Split, ByteLevel];
  const pattern = split.pattern?.Regex;
  const isSplit = split.type === "Split" && split.behavior === "Isolated" && split.invert === false;
  if (!isSplit || typeof pattern !== "string" || !isByteLevel(bytes, false)) return undefined;
  let regex: RegExp;
  try {
    regex = new RegExp(pattern, "gu");
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // written for another engine; the library translates it
    throw error;
  }
  return (text) => text.match(regex) ?? [];
}

const isByteLevel = ({ type, add_prefix_space: prefix, use_regex: cuts }: ByteLevel, wanted: boolean): boolean =>
  type === "ByteLevel" && prefix === false && (cuts !== false) === wanted;

const isNfc = (normalizer: unknown): boolean => (normalizer as { type?: unknown } | null)?.type === "NFC";

/**
 * Makes an encoder that remembers words, if the tokenizer is byte-level, cuts text by a pattern and changes nothing before
 * but for normal form C.
 *
 * @param specification What `tokenizer.json` holds.
 * @param coder The slow encoder, and its inverse.
 * @returns The fast encoder with the same results, but that it refuses (a RangeError) a word of which the slow one would
 * leave out a byte for want of a token; undefined if the tokenizer is of another kind.
 */
export function wordEncoder(specification: Record<string, unknown>, { encode, decode }: Coder): Encode | undefined {
  const { normalizer, pre_tokenizer: preTokenizer, model, added_tokens: added } = specification as {
    normalizer?: unknown;
    pre_tokenizer?: unknown;
    model?: { type?: unknown };
    added_tokens?: { content: string }[];
  };
  const cut = cutOf(preTokenizer);
  const composes = isNfc(normalizer);
  if (!cut || model?.type !== "BPE" || (normalizer && !composes)) return undefined;

  const whole = (added ?? []).map(({ content }) => content);
  const remembered = new Map<string, number[]>();
  return (given) => {
    const text = composes ? given.normalize("NFC") : given;
    // A token written out in the text is found before the text is cut into words.
    if (whole.some((token) => given.includes(token) || text.includes(token))) return encode(given);
    const words = cut(text);
    // A pattern may leave out what stands between its matches; the library keeps it.
    if (words.reduce((sum, { length }) => sum + length, 0) !== text.length) return encode(given);
    const ids: number[] = [];
    for (const word of words) {
      let found = remembered.get(word);
      if (found === undefined) {
        // A word that is cut again where it stands alone says nothing of its tokens in the text.
        if (cut(word).length !== 1) return encode(given);
        found = encode(word);
        if (decode(found) !== word.toWellFormed()) {
          throw new RangeError(`Cannot encode the text: the vocabulary lacks a byte of ${JSON.stringify(word)}`);
        }
        if (remembered.size >= REMEMBERED_WORDS) remembered.clear();
        remembered.set(word, found);
      }
      for (const id of found) ids.push(id);
    }
    return ids;
  };
}
