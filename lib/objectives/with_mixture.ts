/**
 * Objectives with other values for numbers of their mixture.
 *
 * @module
 */
import { anObject, anObjective, checkArguments } from "../arguments/check_arguments.ts";
import { definedOptions } from "../arguments/defined_options.ts";
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import type { Objective } from "./objective.ts";

/** The numbers of a mixture that can be set, and the options that they are. */
export type MixtureKnobs<Options> = {
  readonly [Knob in keyof AlphaMixtureOptions]?: (value: number) => Partial<Options>;
};

/**
 * Sets numbers of an objective's mixture.
 *
 * @param objective The objective; where nothing is set, it is returned as it is.
 * @param mixture What is set.
 * @throws {TypeError} If the objective has no mixture, or its mixture does not leave that number open.
 * @throws {RangeError} If a value is out of range.
 *
 * @example The same objective further along
 * ```ts
 * import assert from "node:assert/strict";
 * import { objective, withMixture } from "@amid/amid";
 *
 * const first = objective("amid", { divergence: "kl", order: "pr", alpha: 0.5, lambda: 0.1 });
 * const later = withMixture(first, { lambda: 0.5 });
 * assert.deepEqual(later.assistant, { alpha: 0.5, lambda: 0.5, detach: false });
 * ```
 */
export function withMixture(objective: Objective, mixture: Partial<AlphaMixtureOptions>): Objective {
  checkArguments("set a mixture", { objective: [objective, anObjective], mixture: [mixture, anObject] });
  const [first] = Object.keys(definedOptions(mixture));
  if (first === undefined) return objective;
  if (objective.withMixture) return objective.withMixture(definedOptions(mixture));
  const reason = objective.assistant ? "that of its mixture is fixed" : "it has no mixture";
  throw new TypeError(`Cannot set ${first} of the objective ${objective.name}: ${reason}`);
}

/**
 * Turns numbers of a mixture into an objective's options.
 *
 * @throws {TypeError} If one of them is fixed; the message says which can be set.
 */
export function mixtureOptions<Options>(
  mixture: Partial<AlphaMixtureOptions>,
  { name, assistant, knobs }: Pick<Objective, "name" | "assistant"> & { knobs: MixtureKnobs<Options> },
): Partial<Options> {
  const all = Object.entries(definedOptions(mixture)).map(([knob, value]) => {
    const optionsOf = knobs[knob as keyof AlphaMixtureOptions];
    if (optionsOf) return optionsOf(value);
    const fixed = assistant?.[knob as keyof AlphaMixtureOptions];
    throw new TypeError(
      `Cannot set ${knob} of the objective ${name}: only ${Object.keys(knobs).join(" and ")} can be set, ` +
        `${knob} is always ${fixed}`,
    );
  });
  return Object.assign({}, ...all);
}
