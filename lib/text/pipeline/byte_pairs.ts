/**
 * Byte-pair encoding: the symbols of a part are joined pair by pair, the pair of the lowest rank first. The library's model
 * does it, with the vocabulary and the ranks in maps that are made faster, and except for two things that it passes over: a
 * prefix of the tokens within a word, and joins of bytes.
 *
 * Source: R. Sennrich et al., "Neural machine translation of rare words with subword units", 2016.
 *
 * @module
 */
import { BPE } from "@huggingface/tokenizers";
import { type Settings, show, type Stage } from "./stage.ts";

/** A placeholder for a missing token, if there is no unknown token either: no text contains it. */
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
 * @throws {RangeError} If a setting is not supported, or a merge is not between tokens.
 */
export function bytePairs({ name, read }: Settings, stage: Stage, vocab: ReadonlyMap<string, number>): BPE {
  if ((read("dropout", "number", 0)) !== 0) {
    throw new RangeError(
      `${name}.dropout must be null, or the ids are random, current value is ${show(stage.dropout)}`,
    );
  }
  const prefix = read("continuing_subword_prefix", "string", "");
  const config: Config = {
    type: "BPE",
    vocab: {},
    merges: [],
    unk_token: typeof stage.unk_token === "string" ? stage.unk_token : NO_TOKEN,
    end_of_word_suffix: read("end_of_word_suffix", "string", ""),
    fuse_unk: read("fuse_unk", "boolean", false),
    byte_fallback: read("byte_fallback", "boolean", false),
    ignore_merges: read("ignore_merges", "boolean", false),
  };
  const pairs = { vocab, merges: readMerges(stage.merges, { name, vocab, prefix }) };
  const joinsBytes = config.byte_fallback && pairs.merges.some((pair) => pair.some(isByte));
  const model = prefix !== "" || joinsBytes
    ? new SpelledPairs(config, { ...pairs, prefix })
    : new RankedPairs(config, pairs);
  // Parts are remembered with their ids, and not a second time with their tokens.
  model.max_length_to_cache = 0;
  return model;
}

const isByte = (token: string): boolean => byteToken.test(token);

/**
 * Writes a text as the tokens of its bytes, such as `<0xE2>`.
 *
 * @param text The text.
 * @returns One token per byte, not necessarily in the vocabulary.
 */
export function bytesOf(text: string): string[] {
  return Array.from(encoder.encode(text), (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
}

/** A vocabulary and the joins of its tokens, those of the lowest rank first. */
interface Pairs {
  vocab: ReadonlyMap<string, number>;
  merges: Pair[];
}

/** What JSON writes otherwise than it is. */
const ESCAPED = /["\\\p{Cc}\p{Cs}]/u;

/** A pair as JSON, by which the library looks its rank up; JSON's own writer takes several times as long. */
function keyOf(left: string, right: string): string {
  const plain = !ESCAPED.test(left) && !ESCAPED.test(right);
  return plain ? `["${left}","${right}"]` : JSON.stringify([left, right]);
}

/** The library's model, whose own constructor writes each pair as JSON. */
class RankedPairs extends BPE {
  constructor(config: Config, { vocab, merges }: Pairs) {
    super(config);
    this.tokens_to_ids = new Map(vocab);
    this.unk_token_id = vocab.get(this.unk_token!);
    for (const [token, id] of vocab) this.vocab[id] = token;
    this.merges = merges;
    for (let rank = 0; rank < merges.length; rank++) {
      const [left, right] = merges[rank];
      this.bpe_ranks.set(keyOf(left, right), rank);
    }
  }
}

/** A model whose symbols are not just the characters. */
class SpelledPairs extends RankedPairs {
  readonly #prefix: string;
  readonly #suffix: string;
  /** Tokens by the symbols that they are merged from, if these are not the characters of the token. */
  readonly #tokens = new Map<string, string>();

  constructor(config: Config, { prefix, ...pairs }: Pairs & { prefix: string }) {
    super(config, pairs);
    this.#prefix = prefix;
    this.#suffix = config.end_of_word_suffix ?? "";
    this.end_of_word_suffix = undefined;
    const spellings = new Map<string, string>();
    const spelled = (token: string) => spellings.get(token) ?? token;
    this.bpe_ranks.clear();
    for (const [rank, [left, right]] of pairs.merges.entries()) {
      const token = left + right.slice(prefix.length);
      const spelling = spelled(left) + spelled(right);
      this.bpe_ranks.set(keyOf(spelled(left), spelled(right)), rank);
      spellings.set(token, spelling);
      this.#tokens.set(spelling, token);
    }
  }

  /** Merges the symbols of a part. The library splits its input into characters, each standing for one symbol here. */
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
  { name, vocab, prefix }: { name: string; vocab: ReadonlyMap<string, number>; prefix: string },
): Pair[] {
  if (!Array.isArray(value)) throw new RangeError(`${name}.merges must be a list, current value is ${show(value)}`);
  // Older files hold a merge as a string with a blank, and may start with a version line.
  const pairs = value.filter((pair) => !(typeof pair === "string" && pair.startsWith("#version")))
    .map((pair) => typeof pair === "string" ? parted(pair) : pair);
  for (let rank = 0; rank < pairs.length; rank++) {
    const pair = pairs[rank];
    if (
      !isPair(pair) || !vocab.has(pair[0]) || !vocab.has(pair[1]) || !vocab.has(pair[0] + pair[1].slice(prefix.length))
    ) {
      throw new RangeError(`${name}.merges[${rank}] must join two tokens to a third, current value is ${show(pair)}`);
    }
  }
  return pairs;
}

/** The two sides of a blank; a text of other than one blank as it is. */
function parted(text: string): Pair | string {
  const blank = text.indexOf(" ");
  return blank < 0 || text.includes(" ", blank + 1) ? text : [text.slice(0, blank), text.slice(blank + 1)];
}

const isPair = (pair: unknown): pair is Pair =>
  Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string" && typeof pair[1] === "string";
