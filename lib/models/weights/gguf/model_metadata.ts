/**
 * Typed reading of a GGUF file's model metadata, with errors that name file and key.
 *
 * @module
 */
import type { GgufHeader, GgufValue } from "../../../files/gguf/read_gguf.ts";

/** The metadata of one architecture; it records which keys were read, so that none is ignored. */
export class ModelMetadata {
  readonly #read = new Set<string>();

  /**
   * Starts with nothing read.
   *
   * @param header The file.
   * @param architecture The prefix of the model's keys, such as `llama`.
   * @param numbers The tensors of rotary factors, by name.
   */
  constructor(
    readonly header: GgufHeader,
    readonly architecture: string,
    readonly numbers: ReadonlyMap<string, Float32Array> = new Map(),
  ) {}

  /** The factors of rotary frequencies, if the file has a tensor of that name. */
  factors(name: string): Float32Array | undefined {
    return this.numbers.get(name);
  }

  /** Whether the file has a tensor of that name. */
  hasTensor(name: string): boolean {
    return this.header.tensors.has(name);
  }

  /** A value of the model, by its key after the architecture's prefix. */
  value(key: string): GgufValue | undefined {
    const whole = `${this.architecture}.${key}`;
    this.#read.add(whole);
    return this.header.metadata.get(whole);
  }

  /** A positive whole number; an error if it is absent without a default. A list of equal ones counts as one. */
  count(key: string, byDefault?: number): number {
    const value = single(this.value(key)) ?? byDefault;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
    throw this.wrong(key, "be a positive whole number, the same in all blocks", this.value(key));
  }

  /** A positive whole number that the tensors confirm, since lists of that length are created before they are read. */
  countWithin(key: string, most: number, byDefault?: number): number {
    const value = this.count(key, byDefault);
    if (value <= most) return value;
    throw this.wrong(key, `be at most ${most}, given the file's tensors`, value);
  }

  /** The number of tensors, and their largest dimension. */
  get limits(): { tensors: number; extent: number } {
    const { tensors } = this.header;
    let extent = 1;
    for (const { shape } of tensors.values()) for (const one of shape) extent = Math.max(extent, one);
    return { tensors: tensors.size, extent };
  }

  /** A finite number above 0, in the fewest digits that give the same float32; undefined if absent. */
  positive(key: string): number | undefined {
    const value = this.value(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return shortest(value);
    throw this.wrong(key, "be a number above 0", value);
  }

  /** One of several strings; undefined if absent. */
  word<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const value = this.value(key);
    if (value === undefined || words.includes(value as Word)) return value as Word | undefined;
    throw this.wrong(key, `be one of ${words.join(", ")}`, value);
  }

  /** A token id, by its key after `tokenizer.ggml`; undefined if absent. */
  token(key: string): number | undefined {
    const value = this.header.metadata.get(`tokenizer.ggml.${key}`);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw new TypeError(
      `Cannot read ${this.header.path}: "tokenizer.ggml.${key}" must be a token id, current value is ${shown(value)}`,
    );
  }

  /**
   * Checks that every key of the model was read.
   *
   * @param inert Keys without effect on the model's results.
   * @throws {RangeError} If one was not; the message names it.
   */
  checkAllRead(inert: readonly string[]): void {
    for (const [key, value] of this.header.metadata) {
      const name = key.slice(this.architecture.length + 1);
      if (!key.startsWith(`${this.architecture}.`) || this.#read.has(key) || inert.includes(name)) continue;
      throw new RangeError(
        `Cannot load ${this.header.path}: the key "${key}" is unknown, current value is ${shown(value)}`,
      );
    }
  }

  /** The error for an invalid key. */
  wrong(key: string, requirement: string, value: unknown): TypeError {
    return new TypeError(
      `Cannot read ${this.header.path}: "${this.architecture}.${key}" must ${requirement}, current value is ${
        shown(value)
      }`,
    );
  }
}

/** The single value of a list of equal ones, as some converters write one per block. */
function single(value: GgufValue | undefined): GgufValue | undefined {
  if (typeof value !== "object" || value.length === 0) return value;
  const first = value[0];
  return Array.prototype.every.call(value, (other) => other === first) ? first as GgufValue : value;
}

/** For instance 0.00001 for the nearest float32, which is 0.000009999999747378752. */
function shortest(value: number): number {
  for (let digits = 1; digits <= 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

function shown(value: unknown): string {
  if (value === undefined) return "absent";
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  }
  const { length } = value as ArrayLike<unknown>;
  return `[${Array.prototype.slice.call(value, 0, 20).join()}${length > 20 ? ",…" : ""}]`;
}
