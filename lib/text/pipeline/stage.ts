/**
 * A stage of `tokenizer.json`: a normalizer, a pre-tokenizer, a model, a decoder. Its settings are read strictly, since one
 * that is passed over gives other ids.
 *
 * @module
 */

/** The settings of a stage. */
export type Stage = Readonly<Record<string, unknown>>;

/**
 * Checks that a value is an object.
 *
 * @param value The value.
 * @param name Its place in the file, for messages.
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

/** What the settings of a stage are read with. */
export interface Settings {
  /** The place of the stage in the file, for messages. */
  name: string;
  /** A setting that must be there, or has a value by default; null counts as absent where there is a default. */
  read<K extends keyof Kinds>(key: string, kind: K, byDefault?: Kinds[K]): Kinds[K];
  /** A setting with one of some values. */
  oneOf<T extends string>(key: string, values: readonly T[], byDefault?: T): T;
  /** The stages of a list. */
  list(key: string): Stage[];
}

/**
 * Reads the settings of a stage.
 *
 * @param stage The stage.
 * @param name Its place in the file, for messages.
 * @returns What its settings are read with; each throws a TypeError or RangeError that names the setting.
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
 * Finds what makes a stage of its type.
 *
 * @param stage The stage.
 * @param name Its place in the file, for messages.
 * @param makers What makes each of the types that are supported.
 * @returns What makes the stage.
 * @throws {RangeError} If its type is not among them; the message names them.
 */
export function makerOf<T>(stage: Stage, name: string, makers: Readonly<Record<string, T>>): T {
  const { type } = stage;
  if (typeof type === "string" && Object.hasOwn(makers, type)) return makers[type];
  throw new RangeError(
    `${name}.type must be one of ${Object.keys(makers).join(", ")}, current value is ${show(type)}`,
  );
}

/** Shows a value in a message, long ones in part. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length <= 80 ? text : `${text.slice(0, 80)}…`;
}
