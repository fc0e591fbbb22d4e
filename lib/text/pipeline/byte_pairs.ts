/**
 * Byte-pair encoding: the symbols of a part are joined pair by pair, the pair of the lowest rank first. The library's model
 * does it, except for two things that it passes over: a prefix of the tokens within a word, and joins of bytes.
 *
 * Source: R. Sennrich et al., "Neural machine translation of rare words with subword units", 2016.
 *
 * @module
 */
import { BPE } from "@huggingface/tokenizers";
import { type Settings, show, type Stage } from "./stage.ts";

/** Stands where a model has no token, not even one for what is unknown: no text holds it. */
export const NO_TOKEN = "\ud800";

type Pair = [left: string, right: string];
type Config = ConstructorParameters<typeof BPE>[0];

const encoder = new TextEncoder();
const byteToken = /^<0x[0-9A-F]{2}>$/;

/**
 * Makes the model.
 *
 * @param settings Its settings.
 * @param stage The stage with its `merges`.
 * @param vocab Tokens with their ids.
 * @returns The library's model.
 * @throws {RangeError} If a setting is not supported, or a merge is not of tokens.
 */
export function bytePairs({ name, read }: Settings, stage: Stage, vocab: Record<string, number>): BPE {
  if ((read("dropout", "number", 0)) !== 0) {
    throw new RangeError(
      `${name}.dropout must be null, or the ids are random, current value is ${show(stage.dropout)}`,
    );
  }
  const prefix = read("continuing_subword_prefix", "string", "");
  const config: Config = {
    type: "BPE",
    vocab,
    merges: readMerges(stage.merges, { name, vocab, prefix }),
    unk_token: typeof stage.unk_token === "string" ? stage.unk_token : NO_TOKEN,
    end_of_word_suffix: read("end_of_word_suffix", "string", ""),
    fuse_unk: read("fuse_unk", "boolean", false),
    byte_fallback: read("byte_fallback", "boolean", false),
    ignore_merges: read("ignore_merges", "boolean", false),
  };
  const joinsBytes = config.byte_fallback && (config.merges as Pair[]).some((pair) => pair.some(isByte));
  const model = prefix !== "" || joinsBytes ? new SpelledPairs(config, prefix) : new BPE(config);
  // Parts are remembered with their ids, and not a second time with their tokens.
  model.max_length_to_cache = 0;
  return model;
}

const isByte = (token: string): boolean => byteToken.test(token);

/**
 * Writes a text as the tokens of its bytes, `<0xE2>` and the like.
 *
 * @param text The text.
 * @returns A token per byte, which need not be in the vocabulary.
 */
export function bytesOf(text: string): string[] {
  return Array.from(encoder.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
}

/** A model whose symbols are not just the characters. */
class SpelledPairs extends BPE {
  readonly #prefix: string;
  readonly #suffix: string;
  /** Tokens by the symbols that they are joined from, where these are not all the characters of the token. */
  readonly #tokens = new Map<string, string>();

  constructor(config: Config, prefix: string) {
    super(config);
    this.#prefix = prefix;
    this.#suffix = config.end_of_word_suffix ?? "";
    this.end_of_word_suffix = undefined;
    const spellings = new Map<string, string>();
    const spelled = (token: string) => spellings.get(token) ?? token;
    this.bpe_ranks.clear();
    for (const [rank, [left, right]] of this.merges.entries()) {
      const token = left + right.slice(prefix.length);
      const spelling = spelled(left) + spelled(right);
      this.bpe_ranks.set(JSON.stringify([spelled(left), spelled(right)]), rank);
      spellings.set(token, spelling);
      this.#tokens.set(spelling, token);
    }
  }

  /** Joins the symbols of a part. The library takes the characters of what it is given, here one symbol each. */
  override bpe(part: string): string[] {
    return super.bpe(this.#symbolsOf(part) as unknown as string).map((token) => this.#tokens.get(token) ?? token);
  }

  #symbolsOf(part: string): string[] {
    const characters = Array.from(part);
    return characters.flatMap((character, place) => {
      const symbol = (place === 0 ? "" : this.#prefix) + character +
        (place === characters.length - 1 ? this.#suffix : "");
      if (this.tokens_to_ids.has(symbol) || !this.byte_fallback) return [symbol];
      const bytes = bytesOf(symbol);
      return bytes.every((byte) => this.tokens_to_ids.has(byte)) ? bytes : [symbol];
    });
  }
}

function readMerges(
  value: unknown,
  { name, vocab, prefix }: { name: string; vocab: Record<string, number>; prefix: string },
): Pair[] {
  if (!Array.isArray(value)) throw new RangeError(`${name}.merges must be a list, current value is ${show(value)}`);
  // Older files hold a join as a text with a blank in it, and may begin with a line for the version.
  const pairs = value.filter((pair) => !(typeof pair === "string" && pair.startsWith("#version")))
    .map((pair) => typeof pair === "string" ? pair.split(" ") : pair);
  for (const [rank, pair] of pairs.entries()) {
    const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((token) => typeof token === "string");
    const [left, right] = isPair ? pair as Pair : ["", ""];
    if (![left, right, left + right.slice(prefix.length)].every((token) => Object.hasOwn(vocab, token)) || !isPair) {
      throw new RangeError(`${name}.merges[${rank}] must join two tokens to a third, current value is ${show(pair)}`);
    }
  }
  return pairs;
}
