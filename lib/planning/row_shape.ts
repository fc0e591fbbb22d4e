/**
 * The shape of a run's rows, as a plan needs it.
 *
 * @module
 */

/** Lengths of rows, in tokens. */
export interface RowShape {
  /** Mean length, prompt and response. */
  tokens: number;
  /** Mean length of the response. */
  responseTokens: number;
  /** The longest row. */
  longest: number;
  /** Standard deviation of the length. */
  deviation: number;
}

/** Rows of Dolly in GPT-2's tokens, cut at 512: mean, responses, longest and deviation of 256 rows. */
export const DOLLY_ROWS: RowShape = { tokens: 142, responseTokens: 74, longest: 512, deviation: 98 };

/**
 * Checks that lengths fit together.
 *
 * @throws {RangeError} If one is invalid; the message names it.
 */
export function checkRowShape({ tokens, responseTokens, longest, deviation }: RowShape): void {
  const refuse = (name: string, requirement: string, value: number): never => {
    throw new RangeError(`Cannot plan: ${name} must be ${requirement}, current value is ${value}`);
  };
  if (!(tokens > 1 && tokens < Infinity)) refuse("the rows' mean length", "a number above 1", tokens);
  if (!(responseTokens > 0 && responseTokens < tokens)) {
    refuse("the responses' mean length", `above 0 and below the rows' ${tokens}`, responseTokens);
  }
  if (!(longest >= tokens && longest < Infinity)) refuse("the longest row", `at least the mean ${tokens}`, longest);
  if (!(deviation >= 0 && deviation < Infinity)) refuse("the deviation of lengths", "a number from 0", deviation);
}

/**
 * How much more than the mean the rank with the most tokens has. Rows are dealt by length, so that ranks come out even
 * unless one row alone is more than a rank's share: `min(longest, t + σ √(2 ln nb)) / (b t)`, but at least 1, for `n` ranks
 * of `b` rows with mean `t` and deviation `σ` of the length.
 *
 * @param shape The rows.
 * @param options Rows of a rank, and ranks.
 * @returns The factor, from 1.
 *
 * Source of the mean of the largest of `nb` normal numbers, which is below `√(2 ln nb)`: S. Boucheron, G. Lugosi and
 * P. Massart, "Concentration inequalities", 2013, section 2.5.
 */
export function slowestFactor(shape: RowShape, { rows, ranks }: { rows: number; ranks: number }): number {
  if (ranks === 1) return 1;
  const { tokens, longest, deviation } = shape;
  const most = Math.min(longest, tokens + deviation * Math.sqrt(2 * Math.log(ranks * rows)));
  return Math.max(1, most / (rows * tokens));
}
