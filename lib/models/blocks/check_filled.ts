/**
 * Families whose heads have the hidden width in total, or divide it.
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

/**
 * Checks the sizes of a model that transformers loads only if its heads divide the hidden width, though they have a width
 * of their own.
 *
 * @param sizes The hidden width and the number of heads.
 * @throws {RangeError} If they do not.
 */
export function checkDivided({ hidden, heads }: { hidden: number; heads: number }, family: string): void {
  if (hidden % heads === 0) return;
  throw new RangeError(
    `Cannot cut ${family}: the hidden width must be a multiple of the ${heads} heads, or transformers does not load the ` +
      `model, current value is ${hidden}`,
  );
}
