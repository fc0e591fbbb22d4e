/**
 * Which settings of the training tasks count only in a run that is long enough.
 *
 * @module
 */
import { above, checkEffects, type Condition, type Effect, either, isNot, type Settings, where } from "./effects.ts";
import { type ConfigSchema, fieldsOf, flagOf } from "./field.ts";
import type { distillSchema } from "./distill_setup.ts";
import type { sftSchema } from "./sft_setup.ts";
import { warnOnce } from "./warn_once.ts";

type DistillKey = keyof typeof distillSchema.shape & string;
type SharedKey = DistillKey & keyof typeof sftSchema.shape;

/** Holds where one number is at most another one. */
export function atMost<Key extends string>(key: Key, limit: Key): Condition<Key> {
  const holds = (settings: Settings) => {
    const value = settings[key] ?? 0;
    return typeof value !== "number" || value <= Number(settings[limit]);
  };
  return { keys: [key, limit], holds, needed: `${flagOf(limit)} that is not below ${flagOf(key)}` };
}

/** Warns where a number of steps is above those of the run. */
function beyond(of: readonly SharedKey[], key: SharedKey, reason: Effect["reason"]): Effect<SharedKey> {
  return { of, needs: [atMost<SharedKey>(key, "steps")], reason, warn: true };
}

/** Numbers of steps beyond the end, by the length in steps. */
export const lengthEffects: readonly Effect<SharedKey>[] = [
  beyond(["warmupSteps", "steps", "epochs"], "warmupSteps", ({ steps, warmupSteps }) => {
    return `the run ends at step ${steps}, before its warm-up of ${warmupSteps} steps`;
  }),
  ...(["stopAfter", "saveEvery", "validateEvery", "sampleEvery"] as const).map((key) => {
    return beyond([key], key, ({ steps }) => `the run ends at step ${steps}`);
  }),
];

/** A policy that adapts to validations needs one before the end. */
export const policyEffects: readonly Effect<DistillKey>[] = [{
  of: ["policy"],
  needs: [either<DistillKey>(
    isNot("policy", "adaptive"),
    above("threshold", 0),
    where("a validation before the end", ["validateEvery", "epochs"], ({ validateEvery, steps, epochs }) => {
      return typeof validateEvery === "number" && (epochs !== undefined || validateEvery < Number(steps));
    }),
  )],
  reason: () =>
    "without a validation before the end, --validate-every, the student's share of the responses stays at 0",
  warn: true,
}];

/** Options for {@linkcode warnOfEpochs}. */
export interface WarnOfEpochsOptions {
  /** The schema of the task. */
  schema: ConfigSchema;
  /** The settings as they were given, with the length in epochs. */
  given: Settings;
  /** Where settings came from. */
  origins: Readonly<Record<string, string>>;
}

/**
 * Warns of numbers of steps beyond the end of a run whose length was given in epochs, which is known once its rows are
 * counted.
 *
 * @param config The settings in steps.
 * @param options Settings in epochs, and where they came from.
 */
export function warnOfEpochs(config: Settings, { schema, given: { epochs }, origins }: WarnOfEpochsOptions): void {
  if (epochs === undefined) return;
  const settings = { ...config, epochs };
  const { warnings } = checkEffects(settings, { fields: fieldsOf(schema), effects: lengthEffects, origins });
  warnings.forEach(warnOnce);
}
