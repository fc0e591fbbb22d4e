/**
 * The vocabulary in the metadata of a GGUF file, checked.
 *
 * @module
 */
import type { GgufHeader, GgufValue } from "../../files/gguf/read_gguf.ts";

/** ggml's token types. */
export const TOKEN_TYPES = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Special tokens by the names of `tokenizer_config.json`, and the keys of their ids. */
export const NAMED_TOKENS = {
  bos_token: "tokenizer.ggml.bos_token_id",
  eos_token: "tokenizer.ggml.eos_token_id",
  unk_token: "tokenizer.ggml.unknown_token_id",
  sep_token: "tokenizer.ggml.seperator_token_id", // spelled this way in the format
  pad_token: "tokenizer.ggml.padding_token_id",
  cls_token: "tokenizer.ggml.cls_token_id",
  mask_token: "tokenizer.ggml.mask_token_id",
} as const;

/** A vocabulary. */
export interface GgufVocabulary {
  /** The tokens in the order of their ids. */
  tokens: readonly string[];
  /** The type of each, see {@linkcode TOKEN_TYPES}. */
  types: ArrayLike<number>;
  /** The ids of named special tokens. */
  named: Partial<Record<keyof typeof NAMED_TOKENS, number>>;
}

/** Reads values of a file's metadata; each throws a {@linkcode SyntaxError} that names file and key. */
export class MetadataReader {
  /** @param header The file's header. */
  constructor(readonly header: Pick<GgufHeader, "path" | "metadata">) {}

  /** A string, or undefined if absent. */
  text(key: string): string | undefined {
    return this.#read(key, "a string", (value) => typeof value === "string" ? value : undefined);
  }

  /** True or false, or undefined if absent. */
  flag(key: string): boolean | undefined {
    return this.#read(key, "true or false", (value) => typeof value === "boolean" ? value : undefined);
  }

  /** An id below `size`. */
  id(key: string, size: number): number | undefined {
    const isId = (value: GgufValue): value is number =>
      typeof value === "number" && Number.isInteger(value) && value >= 0 && value < size;
    return this.#read(key, `an id below ${size}`, (value) => isId(value) ? value : undefined);
  }

  /** A list of strings. */
  texts(key: string): readonly string[] | undefined {
    const isTexts = (value: GgufValue): value is readonly string[] =>
      Array.isArray(value) && value.every((entry) => typeof entry === "string");
    return this.#read(key, "a list of strings", (value) => isTexts(value) ? value : undefined);
  }

  /** A list of one number per token. */
  numbers(key: string, count: number): ArrayLike<number> | undefined {
    const isNumbers = (value: GgufValue): value is Int32Array | Float32Array =>
      ArrayBuffer.isView(value) && !(value instanceof BigInt64Array || value instanceof BigUint64Array) &&
      value.length === count;
    return this.#read(key, `a list of ${count} numbers`, (value) => isNumbers(value) ? value : undefined);
  }

  /** The error for an invalid value. */
  fault(key: string, need: string, value: unknown): SyntaxError {
    const shown = ArrayBuffer.isView(value) || Array.isArray(value)
      ? `a list of ${(value as ArrayLike<unknown>).length}`
      : JSON.stringify(typeof value === "bigint" ? Number(value) : value) ?? "absent";
    const { path } = this.header;
    return new SyntaxError(`Cannot load the tokenizer: ${path}: "${key}" must be ${need}, current value is ${shown}`);
  }

  #read<T>(key: string, need: string, take: (value: GgufValue) => T | undefined): T | undefined {
    const value = this.header.metadata.get(key);
    if (value === undefined) return undefined;
    const taken = take(value);
    if (taken === undefined) throw this.fault(key, need, value);
    return taken;
  }
}

/** Names of padding rows of a head. */
const PADDING = /^\[PAD\d+\]$/;

/**
 * Reads the tokens and their types. Tokens at the end that only pad the head are dropped, since the original tokenizer
 * does not have them.
 *
 * @param reader The file's metadata.
 * @returns The vocabulary.
 * @throws {SyntaxError} If there is none, or it does not follow the format; the message names file and key.
 */
export function readGgufVocabulary(reader: MetadataReader): GgufVocabulary {
  const all = reader.texts("tokenizer.ggml.tokens");
  if (all === undefined || all.length === 0) throw reader.fault("tokenizer.ggml.tokens", "the list of tokens", all);
  const types = reader.numbers("tokenizer.ggml.token_type", all.length) ??
    new Int32Array(all.length).fill(TOKEN_TYPES.normal);
  let size = all.length;
  while (size > 0 && types[size - 1] === TOKEN_TYPES.unused && PADDING.test(all[size - 1])) size--;
  const tokens = all.slice(0, size);
  if (new Set(tokens).size < size) {
    const [id, token] = [...tokens.entries()].find(([id, token]) => tokens.indexOf(token) < id)!;
    const both = `${token}, of ids ${tokens.indexOf(token)} and ${id}`;
    throw reader.fault("tokenizer.ggml.tokens", "a list of different tokens", both);
  }
  const named: GgufVocabulary["named"] = {};
  for (const [name, key] of Object.entries(NAMED_TOKENS) as [keyof typeof NAMED_TOKENS, string][]) {
    named[name] = reader.id(key, size);
  }
  return { tokens, types, named };
}

/** A tokenizer's vocabulary, as a GGUF file lists it. */
export interface ListedTokens {
  /** The tokens in order of their ids, one per row of the model's head. */
  tokens: string[];
  /** The type of each, see {@linkcode TOKEN_TYPES}. */
  types: Int32Array;
}
