/**
 * Which settings count only where others have certain values: the rules of a task are data, checked in one place.
 *
 * A flag without effect is refused, or warned about where it may be meant for a moment only; a value in a file, which may
 * serve several runs, is warned about unless it is the default.
 *
 * @module
 */
import { type Field, flagOf } from "./field.ts";

/** Settings by key, checked against the schema, defaults included. */
export type Settings = Readonly<Record<string, unknown>>;

/** What must hold for a setting to count. */
export interface Condition<Key extends string = string> {
  /** The settings that it looks at. */
  keys: readonly Key[];
  /** Whether it holds; `origins` says where settings that were given came from. */
  holds(settings: Settings, origins: Readonly<Record<string, string>>): boolean;
  /** What is needed, in words, flags among them. */
  needed: string;
  /** The values that are looked for, where it looks for some of one setting. */
  values?: readonly unknown[];
}

/** Settings that count only under conditions. */
export interface Effect<Key extends string = string> {
  /** The settings. */
  of: readonly Key[];
  /** What must hold, all of it. */
  needs: readonly Condition<Key>[];
  /** Values that say nothing, such as a weight of 0; that a switch is off never does. */
  silent?: readonly unknown[];
  /**
   * Whether a flag without effect is only warned about, where it is no sure mistake.
   *
   * @default {false}
   */
  warn?: boolean;
  /** What is wrong, if more than that the condition does not hold; it is reported for the first setting alone. */
  reason?: (settings: Settings) => string;
}

/** `a`, `a or b`, `a, b or c`; `true` stands for a flag without a value. */
function anyOf(values: readonly unknown[]): string {
  const all = values.map((value) => value === true ? "" : ` ${value}`);
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(",")} or${all.at(-1)}`;
}

/** Holds where a setting has one of some values; `true` stands for the flag alone. */
export function is<Key extends string>(key: Key, ...values: readonly unknown[]): Condition<Key> {
  const needed = values.length === 1 && values[0] === false ? `no ${flagOf(key)}` : `${flagOf(key)}${anyOf(values)}`;
  return { keys: [key], holds: (settings) => values.includes(settings[key]), needed, values };
}

/** Holds where a setting has none of some values. */
export function isNot<Key extends string>(key: Key, ...values: readonly unknown[]): Condition<Key> {
  const needed = `${flagOf(key)} other than${anyOf(values)}`;
  return { keys: [key], holds: (settings) => !values.includes(settings[key]), needed, values };
}

/** Holds where a setting that has no default is given. */
export function given<Key extends string>(key: Key): Condition<Key> {
  return { keys: [key], holds: (settings) => settings[key] !== undefined, needed: flagOf(key) };
}

/** Holds where a setting that has no default is absent. */
export function absent<Key extends string>(key: Key): Condition<Key> {
  return { keys: [key], holds: (settings) => settings[key] === undefined, needed: `no ${flagOf(key)}` };
}

/** Holds where a setting is not given by a flag; that it has a default, or a value in a file, does not matter. */
export function noFlag<Key extends string>(key: Key): Condition<Key> {
  const holds: Condition["holds"] = (_, origins) => !(origins[key]?.startsWith("--") ?? false);
  return { keys: [key], holds, needed: `no ${flagOf(key)}` };
}

/** Holds where a number is above another one. */
export function above<Key extends string>(key: Key, limit: number): Condition<Key> {
  return { keys: [key], holds: (settings) => Number(settings[key]) > limit, needed: `${flagOf(key)} above ${limit}` };
}

/** Holds where a function of the settings says so. */
export function where<Key extends string>(
  needed: string,
  keys: readonly Key[],
  holds: Condition["holds"],
): Condition<Key> {
  return { keys, holds, needed };
}

/** Holds where one of some conditions does. */
export function either<Key extends string>(...conditions: readonly Condition<Key>[]): Condition<Key> {
  return {
    keys: [...new Set(conditions.flatMap(({ keys }) => keys))],
    holds: (...context) => conditions.some((condition) => condition.holds(...context)),
    needed: conditions.map(({ needed }) => needed).join(", or "),
  };
}

/** Holds where all of some conditions do; part of an {@linkcode either}. */
export function both<Key extends string>(...conditions: readonly Condition<Key>[]): Condition<Key> {
  return {
    keys: [...new Set(conditions.flatMap(({ keys }) => keys))],
    holds: (...context) => conditions.every((condition) => condition.holds(...context)),
    needed: conditions.map(({ needed }) => needed).join(" with "),
  };
}

/** The same condition in other words. */
export function called<Key extends string>(needed: string, condition: Condition<Key>): Condition<Key> {
  return { ...condition, needed };
}

/** A setting without effect, and why. */
export interface Idle {
  /** The setting. */
  key: string;
  /** What it lacks. */
  needs: Condition;
  /** Why it has none, where that is not all. */
  reason?: string;
  /** Whether a flag is only warned about. */
  warn: boolean;
}

/**
 * Finds settings without effect.
 *
 * @param settings All settings.
 * @param effects The rules.
 * @param origins Where the settings that were given came from.
 */
export function idleSettings(
  settings: Settings,
  effects: readonly Effect[],
  origins: Readonly<Record<string, string>>,
): Idle[] {
  const idle = new Map<string, Idle>();
  for (const { of, needs, silent = [], warn = false, reason } of effects) {
    const missing = needs.find((condition) => !condition.holds(settings, origins));
    if (!missing) continue;
    for (const key of of) {
      const value = settings[key];
      const says = value !== undefined && value !== false && !silent.includes(value);
      if (!says || !(key in origins) || idle.has(key)) continue;
      idle.set(key, { key, needs: missing, warn, reason: reason?.(settings) });
      if (reason) break;
    }
  }
  return [...idle.values()];
}

/** What is wrong with the settings that were given, and what is odd. */
export interface EffectReport {
  errors: string[];
  warnings: string[];
}

/** Options for {@linkcode checkEffects}. */
export interface CheckEffectsOptions {
  fields: readonly Field[];
  effects: readonly Effect[];
  /** Where settings that were given came from, a flag or a file, by key. */
  origins: Readonly<Record<string, string>>;
  /**
   * Where settings stand in files, by key.
   *
   * @default {by themselves}
   */
  places?: Readonly<Record<string, string>>;
}

const shown = (value: unknown): string => value === true ? "" : ` ${String(value).replace("Infinity", "inf")}`;

function why({ needs, reason }: Idle, settings: Settings): string {
  if (reason) return reason;
  const current = needs.keys.map((key) => {
    const value = settings[key];
    return value === undefined ? `${flagOf(key)} is absent` : `${flagOf(key)} is ${String(value)}`;
  });
  return `it has an effect only with ${needs.needed}; currently ${current.join(" and ")}`;
}

/**
 * Checks that what was given counts.
 *
 * @param settings All settings.
 * @param options The rules, and what was given where.
 */
export function checkEffects(settings: Settings, options: CheckEffectsOptions): EffectReport {
  const { fields, effects, origins, places = {} } = options;
  const report: EffectReport = { errors: [], warnings: [] };
  const inFiles = new Map<string, string[]>();
  for (const idle of idleSettings(settings, effects, origins)) {
    const { key, warn } = idle;
    const { [key]: origin } = origins;
    const reason = why(idle, settings);
    if (origin.startsWith("--")) {
      const text = `${flagOf(key)}${shown(settings[key])}: ${reason}`;
      if (warn) report.warnings.push(text);
      else report.errors.push(`Cannot use ${text}`);
    } else if (settings[key] === fields.find((field) => field.key === key)?.defaultValue) continue;
    else if (idle.reason) report.warnings.push(`"${places[key] ?? key}" in ${origin}: ${reason}`);
    else {
      inFiles.set(origin, [
        ...inFiles.get(origin) ?? [],
        `"${places[key] ?? key}" (only with ${idle.needs.needed})`,
      ]);
    }
  }
  for (const [file, list] of inFiles) {
    report.warnings.push(`of ${file}, without effect in this run: ${list.join(", ")}`);
  }
  return report;
}
