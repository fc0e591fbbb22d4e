/**
 * The elements of a tensor that are not contiguous, such as a transposed matrix or every other row.
 *
 * @module
 */

/** Options for {@linkcode gatherElements}. */
export interface GatherElementsOptions {
  /** The output, in row-major order. */
  into: Uint8Array<ArrayBuffer>;
  /** Bytes of an element. */
  size: number;
  shape: readonly number[];
  /** The stride of each axis in elements. */
  strides: readonly number[];
}

/**
 * Gathers elements.
 *
 * @param stored Their bytes, from the first element to the last.
 */
export function gatherElements(stored: Uint8Array<ArrayBuffer>, options: GatherElementsOptions): void {
  const { into, size, shape, strides } = options;
  const last = shape.length - 1;
  const [width, step] = [shape[last], strides[last] * size];
  const place = new Array<number>(last).fill(0);
  for (let to = 0; to < into.length;) {
    let from = place.reduce((sum, index, axis) => sum + index * strides[axis], 0) * size;
    for (let i = 0; i < width; i++, from += step) {
      for (let byte = 0; byte < size; byte++) into[to++] = stored[from + byte];
    }
    for (let axis = last - 1; axis >= 0 && ++place[axis] === shape[axis]; axis--) place[axis] = 0;
  }
}
