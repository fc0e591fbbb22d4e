/**
 * Families whose heads are together as wide as the states.
 *
 * @module
 */

/**
 * Checks the sizes of a model whose config.json has no field for the width of a head.
 *
 * @param sizes The hidden width and the number of heads.
 * @param options The family and the width of a head, which is kept.
 * @throws {RangeError} If the heads do not fill the hidden width.
 */
export function checkFilled(
  { hidden, heads }: { hidden: number; heads: number },
  { family, headSize }: { family: string; headSize: number },
): void {
  if (hidden === heads * headSize) return;
  throw new RangeError(
    `Cannot cut ${family}: the hidden width must be that of its heads, ${headSize} each, together; ` +
      `it is ${hidden} with ${heads} heads, which are ${heads * headSize}`,
  );
}
