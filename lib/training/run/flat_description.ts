/**
 * Descriptions as flat records of text, and their differences.
 *
 * @module
 */
import type { NamedOptions } from "../../objectives/recipe_types.ts";

/**
 * Lists the differences between two descriptions.
 *
 * @returns A phrase per difference: `alpha is 0 there, 1 here`.
 */
export function differences(there: Record<string, string>, here: Record<string, string>): string[] {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
  return names.filter((name) => there[name] !== here[name])
    .map((name) => `${name} is ${there[name] ?? "absent"} there, ${here[name] ?? "absent"} here`);
}

/** Nested values as texts under joined names: `optimizer.learningRate`. */
export function flattened(value: unknown, path = ""): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null) return { [path]: String(value) };
  const inner = Object.entries(value).map(([key, inner]) => flattened(inner, path ? `${path}.${key}` : key));
  return Object.assign({}, ...inner);
}

/** A name and its options: `{ policy: "mine", "policy.share": "0.5" }`. */
export function named(part: string, { name, options, ...others }: NamedOptions): Record<string, string> {
  return { [part]: name, ...flattened({ ...others, ...options }, part) };
}
