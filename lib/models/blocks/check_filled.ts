/**
 * Families whose heads have the hidden width in total.
 *
 * @module
 */

/**
 * Checks the sizes of a model whose config.json has no field for the width of a head.
 *
 * @param sizes The hidden width and the number of heads.
 * @param options The family and the width of a head, which does not change.
 * @throws {RangeError} If the heads do not fill the hidden width.
 */
export function checkFilled(
  { hidden, heads }: { hidden: number; heads: number },
  { family, headSize }: { family: string; headSize: number },
): void {
  if (hidden === heads * headSize) return;
  throw new RangeError(
    `Cannot cut ${family}: the hidden width must equal the number of heads times ${headSize}; ` +
      `it is ${hidden} with ${heads} heads, which are ${heads * headSize}`,
  );
}
