/**
 * The default settings of requests to a server.
 *
 * @module
 */
import { aNumber, checkArguments } from "../../arguments/check_arguments.ts";

/** The numbers of a served teacher. */
export interface ServedNumbers {
  topK: number;
  inFlight: number;
  rowsPerRequest: number;
  timeLimit: number;
  retries: number;
}

/** The defaults. */
export const SERVED_DEFAULTS: Readonly<ServedNumbers> = {
  topK: 64,
  inFlight: 4,
  rowsPerRequest: 8,
  timeLimit: 300,
  retries: 6,
};

/**
 * Checks the numbers.
 *
 * @throws {RangeError} If one is out of its range; the message names it.
 */
export function checkServedOptions(
  { topK, inFlight, rowsPerRequest, timeLimit, retries }: ServedNumbers,
  { vocabularySize }: { vocabularySize: number },
): ServedNumbers {
  const numbers = { topK, inFlight, rowsPerRequest, timeLimit, retries };
  const kinds = Object.entries(numbers).map(([name, value]) => [name, [value, aNumber]] as const);
  checkArguments("use a served teacher", Object.fromEntries(kinds));
  const ranges: Record<keyof ServedNumbers, [least: number, most: number]> = {
    topK: [1, vocabularySize],
    inFlight: [1, 1024],
    rowsPerRequest: [1, 4096],
    timeLimit: [0, 86_400],
    retries: [0, 100],
  };
  for (const [name, [least, most]] of Object.entries(ranges) as [keyof ServedNumbers, [number, number]][]) {
    const value = numbers[name];
    const whole = name === "timeLimit" ? value > 0 : Number.isInteger(value);
    if (whole && value >= least && value <= most) continue;
    const kind = name === "timeLimit"
      ? "above 0 and at most 86400, in seconds"
      : `a whole number from ${least} to ${most}`;
    throw new RangeError(`Cannot use a served teacher: ${name} must be ${kind}, current value is ${value}`);
  }
  return numbers;
}
