/**
 * Options from callers and files, checked key by key, with messages that name the culprit.
 *
 * @module
 */

/** Which values an option takes, for offering it as a flag or in a form; absent for composed options. */
export type OptionKind =
  | { kind: "number"; range: NumberRange }
  | { kind: "flag" }
  | { kind: "word"; words: readonly string[] };

/** One option: its default, its kind and its check. */
export interface OptionSpec<Value> {
  /** Which values it takes; absent for a composed option. */
  readonly takes?: OptionKind;
  /** Its default value. Absent for a required option. */
  readonly default?: Value;
  /** Returns the value if it is valid; `what` names it in the message. */
  check(value: unknown, what: string): Value;
}

/** A check for each option. */
export type OptionSpecs<Options> = { readonly [Key in keyof Required<Options>]: OptionSpec<Required<Options>[Key]> };

/**
 * Fills in defaults and checks what is given.
 *
 * @param given The options.
 * @param owner Their owner, for messages, and the checks.
 * @throws {TypeError} If an option is unknown, missing or of the wrong kind.
 * @throws {RangeError} If a value is out of range.
 */
export function readOptions<Options extends object>(
  given: Options,
  { owner, specs }: { owner: string; specs: OptionSpecs<Options> },
): Required<Options> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(`Cannot make ${owner}: its options must be an object, current value is ${show(given)}`);
  }
  const known = Object.keys(specs);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw new TypeError(
        `Cannot make ${owner}: its options are ${known.join(", ") || "none"}, current key is ${show(key)}`,
      );
    }
  }
  const entries = Object.entries(specs as Record<string, OptionSpec<unknown>>).map(([key, spec]) => {
    const value = (given as Record<string, unknown>)[key];
    if (value === undefined && spec.default !== undefined) return [key, spec.default];
    return [key, spec.check(value, `Cannot make ${owner}: ${key}`)];
  });
  return Object.fromEntries(entries) as Required<Options>;
}

/** The range of an option; bounds are inclusive unless stated otherwise. */
export interface NumberRange {
  min?: number;
  max?: number;
  /** Whether `min` itself is excluded. */
  aboveMin?: boolean;
  /** Whether `max` itself is excluded. */
  belowMax?: boolean;
  /** Whether ±∞ is allowed. */
  infinite?: boolean;
}

/** An option that is a number. */
export function number(defaultValue: number | undefined, range: NumberRange = {}): OptionSpec<number> {
  const { min = -Infinity, max = Infinity, aboveMin = false, belowMax = false, infinite = false } = range;
  const check = (value: unknown, what: string): number => {
    if (typeof value !== "number") throw new TypeError(`${what} must be a number, current value is ${show(value)}`);
    const inRange = value >= min && value <= max && !(aboveMin && value === min) && !(belowMax && value === max);
    if (!inRange || !(infinite || Number.isFinite(value))) {
      throw new RangeError(`${what} must be ${describeRange(range)}, current value is ${value}`);
    }
    return value;
  };
  return { default: defaultValue, takes: { kind: "number", range }, check };
}

/** A range in words: `a finite number, at least 0, below 1`. */
export function describeRange({ min, max, aboveMin, belowMax, infinite }: NumberRange): string {
  const limits = [
    infinite ? "a real number or ±Infinity" : "a finite number",
    min === undefined ? undefined : `${aboveMin ? "above" : "at least"} ${min}`,
    max === undefined ? undefined : `${belowMax ? "below" : "at most"} ${max}`,
  ];
  return limits.filter((limit) => limit !== undefined).join(", ");
}

/** An option that is true or false. */
export function flag(defaultValue: boolean): OptionSpec<boolean> {
  const check = (value: unknown, what: string): boolean => {
    if (typeof value !== "boolean") {
      throw new TypeError(`${what} must be true or false, current value is ${show(value)}`);
    }
    return value;
  };
  return { default: defaultValue, takes: { kind: "flag" }, check };
}

/** An option that is one of several strings. */
export function oneOf<Word extends string>(words: readonly Word[], defaultValue: Word): OptionSpec<Word> {
  const check = (value: unknown, what: string): Word => {
    if (typeof value !== "string") throw new TypeError(`${what} must be a string, current value is ${show(value)}`);
    if (!words.includes(value as Word)) {
      throw new RangeError(`${what} must be one of ${words.join(", ")}, current value is ${value}`);
    }
    return value as Word;
  };
  return { default: defaultValue, takes: { kind: "word", words }, check };
}

/** A value in a message: strings in quotes, everything else as JavaScript writes it. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return String(value);
}
