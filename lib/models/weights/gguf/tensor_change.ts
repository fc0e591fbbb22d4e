/**
 * What llama.cpp's converter does to tensors of a Hugging Face folder, undone and done.
 *
 * Source: llama.cpp, `convert_hf_to_gguf.py`.
 *
 * @module
 */

/**
 * How a parameter differs from the tensor in the file:
 *
 * - `less-one`: the file has 1 + weight, as norms multiply by it.
 * - `transposed`: the file has `[O, I]`, the parameter is `[I, O]`.
 * - `halves`: in each of so many heads, the file has the rows of a rotary pair side by side, the parameter all first ones
 *   and then all second ones.
 */
export type TensorChange = { kind: "less-one" } | { kind: "transposed" } | { kind: "halves"; heads: number };

/** A tensor's numbers as they are read, and its extents in the file. */
export interface StoredNumbers {
  numbers: Float32Array<ArrayBuffer>;
  shape: readonly number[];
}

/** The extents of the parameter. */
export const changedShape = (shape: readonly number[], change?: TensorChange): readonly number[] =>
  change?.kind === "transposed" ? shape.toReversed() : shape;

/**
 * Puts the rows of whole heads in the parameter's order.
 *
 * @param stored The rows as the file has them.
 * @param options Bytes of a row, and rows of a head.
 */
export function rowsInHalves(
  stored: Uint8Array<ArrayBuffer>,
  { rowBytes, head }: { rowBytes: number; head: number },
): Uint8Array<ArrayBuffer> {
  const rows = new Uint8Array(stored.length);
  for (let row = 0; row < stored.length / rowBytes; row++) {
    const [start, place] = [row - row % head, row % head];
    const moved = start + (place % 2) * head / 2 + (place >> 1);
    rows.set(stored.subarray(row * rowBytes, (row + 1) * rowBytes), moved * rowBytes);
  }
  return rows;
}

/**
 * Makes the tensor's numbers of the parameter's.
 *
 * @param parameter All numbers of the parameter, which stay as they are, and its extents.
 * @param change The difference.
 * @returns The numbers as the file has them, its extents those of {@linkcode changedShape}.
 */
export function redo({ numbers, shape }: StoredNumbers, change: TensorChange): Float32Array<ArrayBuffer> {
  if (change.kind === "transposed") return transpose(numbers, shape as readonly [number, number]);
  const into = new Float32Array(numbers.length);
  switch (change.kind) {
    case "less-one":
      for (let i = 0; i < numbers.length; i++) into[i] = numbers[i] + 1;
      return into;
    case "halves": {
      const [width, head] = [numbers.length / shape[0], shape[0] / change.heads];
      for (let row = 0; row < shape[0]; row++) {
        const [start, place] = [row - row % head, row % head];
        const moved = start + (place % (head / 2)) * 2 + Number(place >= head / 2);
        into.set(numbers.subarray(row * width, (row + 1) * width), moved * width);
      }
      return into;
    }
  }
}

/** The same numbers with rows and columns exchanged. */
export function transpose(
  numbers: Float32Array,
  [rows, columns]: readonly [number, number],
): Float32Array<ArrayBuffer> {
  const into = new Float32Array(numbers.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) into[column * rows + row] = numbers[row * columns + column];
  }
  return into;
}
