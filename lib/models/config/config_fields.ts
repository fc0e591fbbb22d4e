/**
 * Typed reading of a config.json, with errors that name the field.
 *
 * @module
 */

/** A JSON object with unknown fields. */
export type Json = Record<string, unknown>;

/**
 * Reads a whole number.
 *
 * @param json The object.
 * @param field Its field; with a default, it may be absent or null.
 * @throws {TypeError} If the field is not a whole number of at least 1.
 */
export function count(json: Json, field: string, byDefault?: number): number {
  const value = json[field] ?? byDefault;
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw new TypeError(
      `Cannot read config.json: "${field}" must be a positive whole number, current value is ${show(value)}`,
    );
  }
  return value as number;
}

/** Reads a finite number above 0; a {@linkcode TypeError} names the field if it is not one. */
export function positive(json: Json, field: string, byDefault?: number): number {
  const value = json[field] ?? byDefault;
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) {
    throw new TypeError(
      `Cannot read config.json: "${field}" must be a number above 0, current value is ${show(value)}`,
    );
  }
  return value;
}

/** Reads true or false; otherwise a {@linkcode TypeError} names the field. */
export function flag(json: Json, field: string, byDefault: boolean): boolean {
  const value = json[field] ?? byDefault;
  if (typeof value !== "boolean") {
    throw new TypeError(`Cannot read config.json: "${field}" must be true or false, current value is ${show(value)}`);
  }
  return value;
}

/** Reads one of several strings; a {@linkcode RangeError} names them if the value is not one of them. */
export function oneOf<Word extends string>(json: Json, field: string, words: readonly Word[], byDefault?: Word): Word {
  const value = (json[field] ?? byDefault) as Word;
  if (!words.includes(value)) {
    throw new RangeError(
      `Cannot read config.json: "${field}" must be one of ${words.join(", ")}, current value is ${show(value)}`,
    );
  }
  return value;
}

/** Options for {@linkcode tokenIds}. */
export interface TokenIdsOptions {
  /** The size of the model's head; all ids must be below it. */
  vocabularySize: number;
  /**
   * The file, for messages.
   *
   * @default {"config.json"}
   */
  file?: string;
}

/**
 * Reads a token id or a list of them.
 *
 * @returns The distinct ids; none if the field is absent or null.
 * @throws {TypeError} If the field is neither; the message names it.
 * @throws {RangeError} If an id is outside the vocabulary.
 */
export function tokenIds(json: Json, field: string, options: TokenIdsOptions): number[] {
  const { vocabularySize, file = "config.json" } = options;
  const value = json[field] ?? [];
  const ids = Array.isArray(value) ? value : [value];
  if (!ids.every((id) => Number.isSafeInteger(id) && id >= 0)) {
    throw new TypeError(
      `Cannot read ${file}: "${field}" must be token ids: a number, a list or null, current value is ${show(value)}`,
    );
  }
  if (ids.some((id) => id >= vocabularySize)) {
    throw new RangeError(
      `Cannot read ${file}: "${field}" must be below the vocabulary's size of ${vocabularySize}, current value is ${
        show(value)
      }`,
    );
  }
  return [...new Set(ids as number[])];
}

/**
 * Checks a field that only supports certain values. It may be absent or null.
 *
 * @throws {RangeError} If it has another value; the message names both.
 */
export function only(json: Json, field: string, ...supported: unknown[]): void {
  const value = json[field] ?? supported[0];
  if (!supported.includes(value)) {
    const shown = supported.map(show).join(" or ");
    throw new RangeError(
      `Cannot read config.json: only ${shown} is supported as "${field}", current value is ${show(value)}`,
    );
  }
}

/** Reads a number above 0 that may be null; 0 stands for null, and for an absent field without a default. */
export function positiveOrNull(json: Json, field: string, byDefault = 0): number {
  if (json[field] === null || (json[field] === undefined && byDefault === 0)) return 0;
  return positive(json, field, byDefault);
}

/** A value as messages show it. */
export const show = (value: unknown): string => value === undefined ? "absent" : JSON.stringify(value);
