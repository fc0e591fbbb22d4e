/**
 * A stage of `tokenizer.json`: a normalizer, a pre-tokenizer, a model, a decoder. Its settings are read strictly, since
 * ignoring one would change ids.
 *
 * @module
 */

/** The settings of a stage. */
export type Stage = Readonly<Record<string, unknown>>;

/**
 * Checks that a value is an object.
 *
 * @param value The value.
 * @param name Its path in the file, for messages.
 * @returns The object.
 * @throws {TypeError} If it is something else.
 */
export function stageOf(value: unknown, name: string): Stage {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Stage;
  throw new TypeError(`${name} must be an object, current value is ${show(value)}`);
}

/** Settings by the type of their values. */
interface Kinds {
  boolean: boolean;
  number: number;
  string: string;
}

/** A reader of a stage's settings. */
export interface Settings {
  /** The path of the stage in the file, for messages. */
  name: string;
  /** A required setting, or one with a default; null counts as absent if there is a default. */
  read<K extends keyof Kinds>(key: string, kind: K, byDefault?: Kinds[K]): Kinds[K];
  /** A setting with one of several values. */
  oneOf<T extends string>(key: string, values: readonly T[], byDefault?: T): T;
  /** The stages of a list. */
  list(key: string): Stage[];
}

/**
 * Reads the settings of a stage.
 *
 * @param stage The stage.
 * @param name Its path in the file, for messages.
 * @returns The reader; each method throws a TypeError or RangeError that names the setting.
 */
export function settingsOf(stage: Stage, name: string): Settings {
  const refuse = (key: string, wanted: string): RangeError =>
    new RangeError(`${name}.${key} must be ${wanted}, current value is ${show(stage[key])}`);
  return {
    name,
    read: (key, kind, byDefault) => {
      const value = stage[key] ?? byDefault;
      const found: string = typeof value;
      if (found !== kind) throw refuse(key, `a ${kind}`);
      return value as never;
    },
    oneOf: (key, values, byDefault) => {
      const value = stage[key] ?? byDefault;
      const found = values.find((one) => one === value);
      if (found === undefined) throw refuse(key, `one of ${values.join(", ")}`);
      return found;
    },
    list: (key) => {
      const value = stage[key];
      if (!Array.isArray(value)) throw refuse(key, "a list");
      return value.map((part, place) => stageOf(part, `${name}.${key}[${place}]`));
    },
  };
}

/**
 * Finds the maker of a stage's type.
 *
 * @param stage The stage.
 * @param name Its path in the file, for messages.
 * @param makers The makers by supported type.
 * @returns The maker.
 * @throws {RangeError} If its type is not among them; the message names them.
 */
export function makerOf<T>(stage: Stage, name: string, makers: Readonly<Record<string, T>>): T {
  const { type } = stage;
  if (typeof type === "string" && Object.hasOwn(makers, type)) return makers[type];
  throw new RangeError(
    `${name}.type must be one of ${Object.keys(makers).join(", ")}, current value is ${show(type)}`,
  );
}

/** Formats a value for a message, truncated if long. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
