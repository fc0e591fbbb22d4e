/**
 * The conversion from text to ids and back of a `tokenizer.json`, identical to the Rust library `tokenizers` that
 * Python uses. It runs on the JavaScript library `@huggingface/tokenizers`, with custom stages where that one differs:
 * normalizers, pre-tokenizers, the search for added tokens, most decoders.
 *
 * @module
 */
import { Decoder } from "@huggingface/tokenizers";
import type { AddedToken } from "./added_tokens.ts";
import { AddedVocabulary } from "./added_vocabulary.ts";
import { decoderOf, type DecodeTokens } from "./decoders.ts";
import { type EncodePart, modelOf } from "./models.ts";
import { normalizerOf } from "./normalizers.ts";
import { preTokenizerOf } from "./pre_tokenizers.ts";
import { settingsOf, type Stage, stageOf } from "./stage.ts";

/** The maximum number of parts cached with their ids; when full, the cache is cleared. */
const REMEMBERED_PARTS = 100_000;

/** Longer parts are not cached: they rarely recur. */
const LONGEST_REMEMBERED = 256;

/** The conversion from text to ids and back. */
export interface Pipeline {
  /** Text to ids, without adding tokens; a part without a token is a RangeError. */
  encode(text: string): number[];
  /** Ids to text, including special tokens. */
  decode(ids: readonly number[]): string;
  /** The id of a token; undefined if it does not exist. */
  idOf(token: string): number | undefined;
  /** Whether there is a token with this id. */
  has(id: number): boolean;
  /** Whether a token only came from {@linkcode PipelineOptions.moreTokens}. */
  isFromSettings(id: number): boolean;
  /** The size of the vocabulary: every id is below it. */
  readonly vocabularySize: number;
  /** The type of the model. */
  readonly model: string;
}

/** Options for {@linkcode pipelineOf}. */
export interface PipelineOptions {
  /**
   * Returns further tokens to add to those of the file.
   *
   * @default {none}
   */
  moreTokens?: (present: readonly AddedToken[]) => AddedToken[];
  /**
   * Whether special tokens written in a text are treated as plain text.
   *
   * @default {false}
   */
  splitsSpecial?: boolean;
}

/**
 * Makes the conversion from text to ids and back.
 *
 * @param specification The contents of `tokenizer.json`. Its `post_processor`, `truncation` and `padding` are not used:
 * adding tokens, truncating and padding is up to the caller.
 * @param options Further tokens.
 * @returns The conversion.
 * @throws {TypeError | RangeError} If a stage or a setting is not supported; the message names it.
 */
export function pipelineOf(specification: Stage, options: PipelineOptions = {}): Pipeline {
  const { moreTokens, splitsSpecial } = options;
  const normalize = normalizerOf(specification.normalizer);
  const { cut, finish } = preTokenizerOf(specification.pre_tokenizer);
  const model = modelOf(stageOf(specification.model, "model"));
  const { library } = model;
  const decode = decoderOf(specification.decoder);
  library.decoder = decode === undefined ? null : new PluggedDecoder(decode);

  const added = new AddedVocabulary({ model, normalize, splitsSpecial });
  added.add(addedTokens(specification));
  const ofFile = new Set(added.tokens.keys());
  if (moreTokens) added.add(moreTokens([...added.tokens.values()]));
  // The library decodes them, but does not encode to them, since text that spells one is not such a token.
  for (const id of added.tokens.keys()) library.model!.vocab[id] = added.textOf(id)!;

  const idsOf = remembering(finish ? (part) => model.encode(finish(part)) : model.encode);
  const highest = [...model.vocabulary.values(), ...added.tokens.keys()].reduce((most, id) => Math.max(most, id), -1);
  const has = (id: number) => library.id_to_token(id) !== undefined;
  return {
    encode: (text) => {
      const ids: number[] = [];
      for (const part of added.extract(text.toWellFormed())) {
        if (typeof part === "number") ids.push(part);
        else for (const { text } of cut(part)) for (const id of idsOf(text)) ids.push(id);
      }
      return ids;
    },
    decode: (ids) => {
      const present = ids.filter(has);
      return present.length === 0 ? "" : library.decode(present, { clean_up_tokenization_spaces: false });
    },
    idOf: (token) => added.ids.get(token) ?? library.token_to_id(token),
    has,
    isFromSettings: (id) => {
      const token = added.tokens.get(id);
      return token !== undefined && !ofFile.has(id) && !model.vocabulary.has(token.content);
    },
    vocabularySize: highest + 1,
    model: model.type,
  };
}

/** A custom decoder in the library's form. */
class PluggedDecoder extends Decoder {
  readonly #decode: DecodeTokens;

  constructor(decode: DecodeTokens) {
    super({ type: "Fuse" });
    this.#decode = decode;
  }

  decode_chain(tokens: string[]): string[] {
    return this.#decode(tokens);
  }
}

function remembering(encode: EncodePart): EncodePart {
  const remembered = new Map<string, number[]>();
  return (part) => {
    const found = remembered.get(part);
    if (found !== undefined) return found;
    const ids = encode(part);
    if (part.length > LONGEST_REMEMBERED) return ids;
    if (remembered.size >= REMEMBERED_PARTS) remembered.clear();
    remembered.set(part, ids);
    return ids;
  };
}

function addedTokens(specification: Stage): AddedToken[] {
  const { list } = settingsOf({ added_tokens: specification.added_tokens ?? [] }, "tokenizer");
  return list("added_tokens").map((token, place) => {
    const { read } = settingsOf(token, `added_tokens[${place}]`);
    return {
      content: read("content", "string"),
      single_word: read("single_word", "boolean"),
      lstrip: read("lstrip", "boolean"),
      rstrip: read("rstrip", "boolean"),
      normalized: read("normalized", "boolean"),
      special: read("special", "boolean"),
    };
  });
}
