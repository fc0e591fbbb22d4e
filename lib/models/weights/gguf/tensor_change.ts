/**
 * The changes of llama.cpp's converter to the tensors of a Hugging Face folder, and their inverses.
 *
 * Source: llama.cpp, `convert_hf_to_gguf.py`.
 *
 * @module
 */

/**
 * How a parameter differs from the tensor in the file:
 *
 * - `less-one`: the file has 1 + weight, the factor of norms.
 * - `transposed`: the file has `[O, I]`, the parameter is `[I, O]`.
 * - `halves`: in each head, the file has rotary pairs interleaved, the parameter has all first and then all second
 *   elements.
 */
export type TensorChange = { kind: "less-one" } | { kind: "transposed" } | { kind: "halves"; heads: number };

/** A tensor's values as read, and its shape in the file. */
export interface StoredNumbers {
  numbers: Float32Array<ArrayBuffer>;
  shape: readonly number[];
}

/** The shape of the parameter. */
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
 * Computes the tensor's values from the parameter's.
 *
 * @param parameter All values of the parameter, which are not modified, and its shape.
 * @param change The change.
 * @returns The values for the file, with the shape of {@linkcode changedShape}.
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
