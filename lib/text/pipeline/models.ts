/**
 * Models: from the parts of a text to ids.
 *
 * @module
 */
import { bytePairs } from "./byte_pairs.ts";
import { type Settings, settingsOf, show, type Stage } from "./stage.ts";
import { type ScoredToken, unigram } from "./unigram.ts";

/** Gives the ids of a part that is not empty. */
export type EncodePart = (part: string) => number[];

/** A model. */
export interface Model {
  /** Gives the ids of a part; one that has none is a RangeError. */
  encode: EncodePart;
  /** Which model it is. */
  type: (typeof TYPES)[number];
  /** The tokens with their ids. */
  vocabulary: Map<string, number>;
  /** The tokens by id; some may be absent. */
  tokens: ReadonlyMap<number, string>;
  /** How many tokens there are. */
  size: number;
}

/** The models that there are. */
const TYPES = ["BPE", "Unigram", "WordLevel", "WordPiece"] as const;

/**
 * Makes a model.
 *
 * @param stage Its stage. Old files have no type: what has merges is BPE, what has a prefix for the tokens within a word is
 * WordPiece, a list of tokens is Unigram, and all else is WordLevel.
 * @returns The model.
 * @throws {TypeError | RangeError} If a setting is not what it should be; the message names it.
 */
export function modelOf(stage: Stage): Model {
  const settings = settingsOf("type" in stage ? stage : { ...stage, type: oldType(stage) }, "model");
  const type = settings.oneOf("type", TYPES);
  if (type === "Unigram") {
    const pieces = scoredTokens(stage.vocab);
    const unknown = unknownId(stage.unk_id, pieces.length);
    return {
      encode: unigram(settings, unknown, pieces),
      type,
      vocabulary: new Map(pieces.map(([token], id) => [token, id])),
      tokens: new Map(pieces.map(([token], id) => [id, token])),
      size: pieces.length,
    };
  }
  const vocabulary = tokenIds(stage.vocab);
  const tokens = new Map(Array.from(vocabulary, ([token, id]) => [id, token]));
  return { encode: ENCODERS[type](settings, stage, vocabulary), type, vocabulary, tokens, size: vocabulary.size };
}

const ENCODERS = {
  BPE: bytePairs,
  WordLevel: (settings: Settings, _: Stage, vocabulary: Map<string, number>) => wordLevel(settings, vocabulary),
  WordPiece: (settings: Settings, _: Stage, vocabulary: Map<string, number>) => wordPieces(settings, vocabulary),
};

function oldType({ merges, continuing_subword_prefix: prefix, vocab }: Stage): string {
  if (merges !== undefined) return "BPE";
  if (prefix !== undefined) return "WordPiece";
  return Array.isArray(vocab) ? "Unigram" : "WordLevel";
}

function tokenIds(vocab: unknown): Map<string, number> {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) {
    throw new TypeError(`model.vocab must be an object, current value is ${show(vocab)}`);
  }
  for (const [token, id] of Object.entries(vocab)) {
    if (!Number.isSafeInteger(id) || id < 0) {
      throw new RangeError(`the id of ${show(token)} must be a whole number, current value is ${show(id)}`);
    }
  }
  return new Map(Object.entries(vocab));
}

function scoredTokens(vocab: unknown): ScoredToken[] {
  const isScored = (entry: unknown): entry is ScoredToken =>
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string" && typeof entry[1] === "number";
  if (Array.isArray(vocab) && vocab.every(isScored)) return vocab;
  throw new TypeError(`model.vocab must be a list of tokens with their scores, current value is ${show(vocab)}`);
}

function unknownId(id: unknown, size: number): number | undefined {
  if (id === undefined || id === null) return undefined;
  if (Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < size) return id as number;
  throw new RangeError(`model.unk_id must be the id of a token, current value is ${show(id)}`);
}

/** The id of the token for parts that have none. */
function unknownOf({ read }: Settings, vocabulary: Map<string, number>): (part: string) => number {
  const token = read("unk_token", "string");
  const id = vocabulary.get(token);
  return (part) => {
    if (id === undefined) {
      throw new RangeError(`there is no token for ${show(part)}, and model.unk_token ${show(token)} is none`);
    }
    return id;
  };
}

/** Each part is one token. */
function wordLevel(settings: Settings, vocabulary: Map<string, number>): EncodePart {
  const unknown = unknownOf(settings, vocabulary);
  return (part) => [vocabulary.get(part) ?? unknown(part)];
}

/**
 * The longest token that begins a part, and so on with the rest.
 *
 * Source: Y. Wu et al., "Google's neural machine translation system", 2016.
 */
function wordPieces(settings: Settings, vocabulary: Map<string, number>): EncodePart {
  const unknown = unknownOf(settings, vocabulary);
  const prefix = settings.read("continuing_subword_prefix", "string");
  const longest = settings.read("max_input_chars_per_word", "number");
  return (part) => {
    const characters = Array.from(part);
    if (characters.length > longest) return [unknown(part)];
    const ids: number[] = [];
    for (let start = 0; start < characters.length;) {
      let end = characters.length;
      let id: number | undefined;
      for (; end > start; end -= 1) {
        id = vocabulary.get((start > 0 ? prefix : "") + characters.slice(start, end).join(""));
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown(part)];
      ids.push(id);
      start = end;
    }
    return ids;
  };
}
