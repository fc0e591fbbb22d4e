/**
 * The optimizers by name. A new one is a file in this folder and a line here.
 *
 * @module
 */
import { adamWRule, type AdamWRuleOptions } from "./adam_w_rule.ts";
import { lionRule, type LionRuleOptions } from "./lion_rule.ts";
import type { UpdateRule } from "./update_rule.ts";

/** The optimizers, each made from its options. */
export const updateRules = {
  adamw: (options: AdamWRuleOptions): UpdateRule => adamWRule(options),
  lion: (options: LionRuleOptions): UpdateRule => lionRule(options),
};

/** The name of an optimizer. */
export type OptimizerName = keyof typeof updateRules;

/** The names of the optimizers. */
export const optimizerNames = Object.keys(updateRules) as [OptimizerName, ...OptimizerName[]];

/**
 * The rule for some options: one of the library's by its name, or the caller's own.
 *
 * @param rule The name, or the rule.
 * @param options What the rule of that name takes.
 * @throws {RangeError} If there is no rule of that name.
 * @throws {TypeError} If the rule does not take an option that is given.
 */
export function updateRule(
  rule: OptimizerName | UpdateRule = "adamw",
  options: AdamWRuleOptions & LionRuleOptions = {},
): UpdateRule {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (typeof rule === "string" && !Object.hasOwn(updateRules, rule)) {
    throw new RangeError(
      `Cannot optimize: rule must be one of ${optimizerNames.join(", ")}, or an update rule, current value is ${rule}`,
    );
  }
  const made = typeof rule === "string" ? updateRules[rule](Object.fromEntries(given)) : rule;
  const known = typeof rule === "string" ? Object.keys(made.settings) : [];
  const unknown = given.find(([name]) => !known.includes(name));
  if (unknown) {
    throw new TypeError(`Cannot optimize: ${made.name} takes no ${unknown[0]}, current value is ${unknown[1]}`);
  }
  return made;
}
