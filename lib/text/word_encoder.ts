/**
 * Fast encoding for tokenizers of GPT-2's kind: each different word is encoded once.
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

/**
 * Makes an encoder that remembers words, if the tokenizer cuts text as GPT-2 does and changes nothing before.
 *
 * @param specification What `tokenizer.json` holds.
 * @param coder The slow encoder, and its inverse.
 * @returns The fast encoder with the same results, but that it refuses (a RangeError) a word of which the slow one would
 * leave out a byte for want of a token; undefined if the tokenizer is of another kind.
 */
export function wordEncoder(specification: Record<string, unknown>, { encode, decode }: Coder): Encode | undefined {
  const { normalizer, pre_tokenizer: cut, model, added_tokens: added } = specification as {
    normalizer?: unknown;
    pre_tokenizer?: { type?: unknown; add_prefix_space?: unknown; use_regex?: unknown } | null;
    model?: { type?: unknown };
    added_tokens?: { content: string }[];
  };
  const cutsLikeGpt2 = cut?.type === "ByteLevel" && cut.add_prefix_space === false && cut.use_regex !== false;
  if (!cutsLikeGpt2 || model?.type !== "BPE" || (normalizer !== null && normalizer !== undefined)) return undefined;

  const whole = (added ?? []).map(({ content }) => content);
  const remembered = new Map<string, number[]>();
  return (text) => {
    // A token written out in the text is found before the text is cut into words.
    if (whole.some((token) => text.includes(token))) return encode(text);
    const ids: number[] = [];
    for (const word of splitWords(text)) {
      let found = remembered.get(word);
      if (found === undefined) {
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
