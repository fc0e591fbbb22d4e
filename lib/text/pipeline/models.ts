/**
 * Models: from the parts of a text to ids, by the library `@huggingface/tokenizers`. It holds the vocabulary and splits
 * parts into tokens; what it ignores in a file is refused or corrected here.
 *
 * @module
 */
import { type Model as LibraryModel, Tokenizer as Library, WordPiece } from "@huggingface/tokenizers";
import { bytePairs } from "./byte_pairs.ts";
import { type Settings, settingsOf, show, type Stage } from "./stage.ts";
import { type ScoredToken, UnigramPieces } from "./unigram.ts";

/** Returns the ids of a non-empty part. */
export type EncodePart = (part: string) => number[];

/** A model. */
export interface Model {
  /** Returns the ids of a part; a part without ids is a RangeError. */
  encode: EncodePart;
  /** Which model it is. */
  type: (typeof TYPES)[number];
  /** The library's tokenizer with this model, without other stages or added tokens. */
  library: Library;
  /** The tokens with their ids. */
  vocabulary: ReadonlyMap<string, number>;
  /** The number of tokens. */
  size: number;
}

/** The models by type. */
const TYPES = ["BPE", "Unigram", "WordLevel", "WordPiece"] as const;

/** A tokenizer without any stages. */
const NO_STAGES = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };

/**
 * Makes a model.
 *
 * @param stage Its stage.
 * @returns The model.
 * @throws {TypeError | RangeError} If a setting is invalid; the message names it.
 */
export function modelOf(stage: Stage): Model {
  const settings = settingsOf({ ...stage, type: modelType(stage) }, "model");
  const type = settings.oneOf("type", TYPES);
  const library = MAKERS[type](settings, stage);
  const model = library.model!;
  const { tokens_to_ids: vocabulary, unk_token: unknown } = model;
  return {
    encode: (part) =>
      model([part]).map((token) => {
        const id = vocabulary.get(token) ?? model.unk_token_id;
        if (id === undefined) throw noToken(part, { vocabulary, unknown });
        return id;
      }),
    type,
    library,
    vocabulary,
    size: type === "Unigram" ? model.vocab.length : vocabulary.size,
  };
}

const MAKERS: Readonly<Record<Model["type"], (settings: Settings, stage: Stage) => Library>> = {
  BPE: (settings, stage) => libraryWith(bytePairs(settings, stage, tokenIds(stage.vocab))),
  Unigram: ({ read }, { vocab, unk_id: id }) => {
    const pieces = scoredTokens(vocab);
    const unknown = unknownId(id, pieces.length);
    return libraryWith(new UnigramPieces({ pieces, unknown, fallsBack: read("byte_fallback", "boolean", false) }));
  },
  // Each part is one token. The library has no name for this model, but creates it from a bare vocabulary.
  WordLevel: ({ read }, { vocab }) => {
    return new Library({ ...NO_STAGES, model: { vocab: Object.fromEntries(tokenIds(vocab)) } }, {
      unk_token: read("unk_token", "string"),
    });
  },
  WordPiece: ({ read }, { vocab }) =>
    libraryWith(
      new WordPiece({
        type: "WordPiece",
        vocab: Object.fromEntries(tokenIds(vocab)),
        unk_token: read("unk_token", "string"),
        continuing_subword_prefix: read("continuing_subword_prefix", "string"),
        max_input_chars_per_word: read("max_input_chars_per_word", "number"),
      }),
    ),
};

function libraryWith(model: LibraryModel): Library {
  const library = new Library({ ...NO_STAGES, model: { vocab: {} } }, {});
  library.model = model;
  return library;
}

/**
 * Determines the type of a model. Old files have none: with merges it is BPE, with a prefix for tokens within a word
 * WordPiece, with a list of tokens Unigram, otherwise WordLevel.
 *
 * @param stage The stage.
 * @returns Its type, or the invalid value.
 */
export function modelType(stage: Stage): unknown {
  const { merges, continuing_subword_prefix: prefix, vocab } = stage;
  if ("type" in stage) return stage.type;
  if (merges !== undefined) return "BPE";
  if (prefix !== undefined) return "WordPiece";
  return Array.isArray(vocab) ? "Unigram" : "WordLevel";
}

function tokenIds(vocab: unknown): Map<string, number> {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) {
    throw new TypeError(`model.vocab must be an object, current value is ${show(vocab)}`);
  }
  const ids = new Map(Object.entries(vocab));
  for (const [token, id] of ids) {
    if (!Number.isSafeInteger(id) || id < 0) {
      throw new RangeError(`the id of ${show(token)} must be a whole number, current value is ${show(id)}`);
    }
  }
  return ids;
}

function scoredTokens(vocab: unknown): ScoredToken[] {
  const isScored = (entry: unknown): entry is ScoredToken =>
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string" && typeof entry[1] === "number";
  if (Array.isArray(vocab) && vocab.length > 0 && vocab.every(isScored)) return vocab;
  throw new TypeError(`model.vocab must be a list of tokens with their scores, current value is ${show(vocab)}`);
}

function unknownId(id: unknown, size: number): number | undefined {
  if (id === undefined || id === null) return undefined;
  if (Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < size) return id as number;
  throw new RangeError(`model.unk_id must be the id of a token, current value is ${show(id)}`);
}

/** The error for a part of a text that has no token, if the unknown token is absent too. */
function noToken(
  part: string,
  { vocabulary, unknown }: { vocabulary: ReadonlyMap<string, number>; unknown: string | undefined },
): RangeError {
  if (unknown !== undefined && unknown.isWellFormed()) {
    return new RangeError(`there is no token for ${show(part)}, and model.unk_token ${show(unknown)} is not a token`);
  }
  const character = Array.from(part).find((one) => !vocabulary.has(one));
  return new RangeError(
    `there is no token for ${character === undefined ? "" : `${show(character)} in `}${show(part)}`,
  );
}
