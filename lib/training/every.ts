/**
 * Intervals of validation, samples, checkpoints and so on.
 *
 * @module
 */

/** Every n steps and at the end, only at the end, or never. */
export type Every = number | "end" | "never";

/**
 * Checks an interval.
 *
 * @param name What the message calls it.
 * @param every The interval.
 * @throws {RangeError} If it is neither a positive whole number nor `"end"` nor `"never"`.
 */
export function checkEvery(name: string, every: Every): void {
  if (every === "end" || every === "never" || (Number.isSafeInteger(every) && every >= 1)) return;
  const zero = (every as unknown) === 0 ? '; what is done at the end alone is "end"' : "";
  throw new RangeError(
    `Cannot train: ${name} must be a positive whole number, "end" or "never", current value is ${every}${zero}`,
  );
}

/**
 * Whether something is due.
 *
 * @param every How often.
 * @param at The step that was just taken, from 1, and the last one.
 */
export function isDue(every: Every, { step, last }: { step: number; last: number }): boolean {
  return every !== "never" && (step === last || isRegular(every, step));
}

/** Whether something is due at a step by its number, not only because the run ends there. */
export function isRegular(every: Every, step: number): boolean {
  return typeof every === "number" && step % every === 0;
}
