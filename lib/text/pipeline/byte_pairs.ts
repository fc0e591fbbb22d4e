/**
 * Byte-pair encoding: the symbols of a part are joined pair by pair, the pair of the lowest rank first.
 *
 * Source: R. Sennrich et al., "Neural machine translation of rare words with subword units", 2016.
 *
 * @module
 */
import type { EncodePart } from "./models.ts";
import { NumberHeap } from "./number_heap.ts";
import { type Settings, show, type Stage } from "./stage.ts";

/** Places of a part, in a number beside a rank; no part is longer. */
const PLACES = 2 ** 29;

/** A pair of ids as one number; there are fewer ids than this. */
const IDS = 2 ** 26;

const encoder = new TextEncoder();

/** Ranks of pairs, and by rank the id of what a pair becomes. */
interface Merges {
  ranks: Map<number, number>;
  joined: number[];
}

/**
 * Makes the model.
 *
 * @param settings Its settings.
 * @param stage The stage with its `merges`.
 * @param vocabulary Tokens with their ids.
 * @returns What gives the ids of a part; a part with a character that has no token is a RangeError.
 * @throws {RangeError} If a setting is not supported, or a merge is not of tokens.
 */
export function bytePairs({ name, read }: Settings, stage: Stage, vocabulary: Map<string, number>): EncodePart {
  if ((read("dropout", "number", 0)) !== 0) {
    throw new RangeError(
      `${name}.dropout must be null, or the ids are random, current value is ${show(stage.dropout)}`,
    );
  }
  const [prefix, suffix] = ["continuing_subword_prefix", "end_of_word_suffix"].map((key) => read(key, "string", ""));
  const ignoresMerges = read("ignore_merges", "boolean", false);
  const unknown = unknownOf(stage, read("fuse_unk", "boolean", false));
  const bytes = read("byte_fallback", "boolean", false) ? byteTokens(vocabulary) : undefined;
  const merges = readMerges(stage.merges, { name, vocabulary, prefix });

  const symbolsOf = (part: string): number[] => {
    const symbols: number[] = [];
    const characters = Array.from(part);
    let follows = false;
    for (const [place, character] of characters.entries()) {
      const symbol = (place === 0 ? "" : prefix) + character + (place === characters.length - 1 ? suffix : "");
      const id = vocabulary.get(symbol);
      if (id !== undefined) {
        symbols.push(id);
        follows = false;
        continue;
      }
      const found = bytes && Array.from(encoder.encode(symbol), (byte) => bytes[byte]);
      if (found?.every((byte) => byte !== undefined)) {
        symbols.push(...found);
        continue;
      }
      if (unknown === undefined) throw new RangeError(`there is no token for ${show(symbol)} in ${show(part)}`);
      const unknownId = vocabulary.get(unknown.token);
      if (unknownId === undefined) throw new RangeError(`model.unk_token ${show(unknown.token)} is no token`);
      if (!(unknown.fuses && follows)) symbols.push(unknownId);
      follows = true;
    }
    return symbols;
  };
  return (part) => {
    const whole = ignoresMerges ? vocabulary.get(part) : undefined;
    return whole === undefined ? mergeAll(symbolsOf(part), merges) : [whole];
  };
}

function unknownOf({ unk_token: token }: Stage, fuses: boolean): { token: string; fuses: boolean } | undefined {
  return typeof token === "string" ? { token, fuses } : undefined;
}

/** The tokens of the 256 bytes, where they are there. */
export function byteTokens(vocabulary: Map<string, number>): (number | undefined)[] {
  return Array.from(
    { length: 256 },
    (_, byte) => vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
  );
}

function readMerges(
  value: unknown,
  { name, vocabulary, prefix }: { name: string; vocabulary: Map<string, number>; prefix: string },
): Merges {
  if (!Array.isArray(value)) throw new RangeError(`${name}.merges must be a list, current value is ${show(value)}`);
  const ranks = new Map<number, number>();
  const joined: number[] = [];
  // Older files hold a join as a text with a blank in it, and may begin with a line for the version.
  const pairs = value.filter((pair) => !(typeof pair === "string" && pair.startsWith("#version")))
    .map((pair) => typeof pair === "string" ? pair.split(" ") : pair);
  for (const [rank, pair] of pairs.entries()) {
    const isPair = Array.isArray(pair) && pair.length === 2 && pair.every((token) => typeof token === "string");
    const [left, right] = isPair ? pair as [string, string] : ["", ""];
    const ids = [left, right, left + right.slice(prefix.length)].map((token) => vocabulary.get(token));
    const [a, b, both] = ids;
    if (a === undefined || b === undefined || both === undefined) {
      throw new RangeError(`${name}.merges[${rank}] must join two tokens to a third, current value is ${show(pair)}`);
    }
    ranks.set(a * IDS + b, rank);
    joined[rank] = both;
  }
  return { ranks, joined };
}

/** Joins pairs until no pair has a rank; of equal ranks the first comes first. */
function mergeAll(symbols: number[], { ranks, joined }: Merges): number[] {
  const length = symbols.length;
  if (length < 2) return symbols;
  const next = Array.from({ length }, (_, place) => place + 1);
  const previous = Array.from({ length }, (_, place) => place - 1);
  const queue = new NumberHeap();
  const consider = (place: number) => {
    if (place < 0 || next[place] >= length) return;
    const rank = ranks.get(symbols[place] * IDS + symbols[next[place]]);
    if (rank !== undefined) queue.push(rank * PLACES + place);
  };
  for (let place = 0; place < length - 1; place += 1) consider(place);
  for (let top = queue.pop(); top !== undefined; top = queue.pop()) {
    const [place, id] = [top % PLACES, joined[Math.floor(top / PLACES)]];
    if (symbols[place] < 0 || next[place] >= length) continue;
    const right = next[place];
    // The pair that was queued may have been joined to another since.
    const rank = ranks.get(symbols[place] * IDS + symbols[right]);
    if (rank === undefined || joined[rank] !== id) continue;
    symbols[place] = id;
    symbols[right] = -1;
    next[place] = next[right];
    if (next[place] < length) previous[next[place]] = place;
    consider(previous[place]);
    consider(place);
  }
  return symbols.filter((symbol) => symbol >= 0);
}
