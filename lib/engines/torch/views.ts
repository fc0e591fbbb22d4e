/**
 * Arithmetic of shapes and strides: what a view needs, without touching a tensor.
 *
 * @module
 */

/** Steps between neighbours along each axis when the elements lie side by side in order. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= Math.max(shape[axis], 1);
  }
  return strides;
}

/** A tensor's shape with its strides. */
export interface Layout {
  shape: readonly number[];
  strides: readonly number[];
}

/**
 * The strides under which the same memory has another shape.
 *
 * Axes whose elements follow one another without a gap make a block; the new shape is possible without a copy if each
 * block is a product of new axes.
 *
 * @param layout The shape and strides that the memory has now.
 * @param shape The new shape, of the same number of elements.
 * @returns The new strides, or undefined if a copy is needed.
 */
export function reshapedStrides({ shape: from, strides }: Layout, shape: readonly number[]): number[] | undefined {
  if (from.includes(0)) return contiguousStrides(shape);
  const result = new Array<number>(shape.length);
  let to = shape.length - 1;
  let block = 1; // elements of the block so far
  let filled = 1; // elements of the new axes laid over it
  let step = from.length ? strides[from.length - 1] : 1;
  for (let axis = from.length - 1; axis >= 0; axis--) {
    block *= from[axis];
    const ends = axis === 0 || (from[axis - 1] !== 1 && strides[axis - 1] !== block * step);
    if (!ends) continue;
    while (to >= 0 && (filled < block || shape[to] === 1)) {
      result[to] = filled * step;
      filled *= shape[to];
      to--;
    }
    if (filled !== block) return undefined;
    if (axis > 0) {
      step = strides[axis - 1];
      block = filled = 1;
    }
  }
  while (to >= 0) result[to--] = 1; // what is left are axes of size 1
  return result;
}

/** The strides that repeat a tensor along axes of size 1, up to a shape that it can be broadcast to. */
export function broadcastStrides({ shape: from, strides }: Layout, shape: readonly number[]): number[] {
  const added = shape.length - from.length;
  return shape.map((_, axis) => axis < added || from[axis - added] === 1 ? 0 : strides[axis - added]);
}
