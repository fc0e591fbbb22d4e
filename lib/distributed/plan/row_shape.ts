/**
 * What the rows of a run are like, as far as a plan needs to know.
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
 * @throws {RangeError} If one does not; it is named.
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
 * How much more than the mean the rank with the longest rows has: `1 + σ √(2 ln n / b) / t`, with `n` ranks, `b` rows each,
 * mean `t` and deviation `σ` of the length; never more than if all its rows were the longest.
 *
 * @param shape The rows.
 * @param options Rows of a rank, and ranks.
 * @returns The factor, from 1.
 *
 * Source of the bound on the mean of the largest of `n` normal numbers: S. Boucheron, G. Lugosi and P. Massart,
 * "Concentration inequalities", 2013, section 2.5.
 */
export function slowestFactor(shape: RowShape, { rows, ranks }: { rows: number; ranks: number }): number {
  const { tokens, longest, deviation } = shape;
  return Math.min(longest / tokens, 1 + deviation * Math.sqrt(2 * Math.log(ranks) / rows) / tokens);
}
