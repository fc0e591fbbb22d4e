/**
 * The part that some adapters subtract from a model's weights at initialization: Python's `peft` does so whenever it
 * loads such adapters, and saved adapters are meaningless without it.
 *
 * Shapes: `I` inputs and `O` outputs of a projection, `R` the rank.
 *
 * Sources: F. Meng et al., "PiSSA: principal singular values and singular vectors adaptation of large language models",
 * 2024; K. Büyükakyüz, "OLoRA: orthonormal low-rank adaptation of large language models", 2024; both as in peft 0.21.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SplitStart } from "./lora_start.ts";
import { rightSingularVectors, type RowMatrix } from "./singular_vectors.ts";

/** Options for {@linkcode takeOutStart}. */
export interface TakeOutOptions {
  start: SplitStart;
  rank: number;
  /** The factor on the adapters' product. */
  scale: number;
  /** The projection, for messages. */
  name: string;
}

/**
 * Subtracts the adapters' initial product from a projection's weight, in place.
 *
 * - PiSSA: `W − Σ σᵢ uᵢ vᵢᵀ` over the R largest singular values.
 * - OLoRA: `W − scale · Q Qᵀ W` with Q an orthonormal basis of the first R columns of W as it is stored.
 *
 * @param weight The weight as it is stored, float32 `[O, I]` or `[I, O]`.
 * @throws {RangeError} If the weight does not determine the initialization; the message names the projection.
 */
export async function takeOutStart(weight: tf.Variable, options: TakeOutOptions): Promise<void> {
  const { start, scale, name } = options;
  const [rows, columns] = weight.shape;
  const matrix = { numbers: (await weight.data() as Float32Array).slice(), rows, columns };
  const rank = Math.min(options.rank, rows, columns);
  if (start === "pissa") takeOutAlong(matrix, rightSingularVectors(matrix, rank));
  else takeOutOfColumns(matrix, { basis: columnBasis(matrix, rank, name), scale });
  tf.tidy(() => weight.assign(tf.tensor2d(matrix.numbers, [rows, columns])));
}

/** Each row loses its part along the vectors: `W − W V Vᵀ`. */
function takeOutAlong({ numbers, rows, columns }: RowMatrix, vectors: Float64Array[]): void {
  const part = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    const own = numbers.subarray(row * columns, (row + 1) * columns);
    part.fill(0);
    for (const vector of vectors) {
      let along = 0;
      for (let i = 0; i < columns; i++) along += own[i] * vector[i];
      for (let i = 0; i < columns; i++) part[i] += along * vector[i];
    }
    for (let i = 0; i < columns; i++) own[i] -= part[i];
  }
}

/** `W − scale · Q Qᵀ W`. */
function takeOutOfColumns(
  { numbers, rows, columns }: RowMatrix,
  { basis, scale }: { basis: Float64Array[]; scale: number },
): void {
  const rowsOf = basis.map((vector) => {
    const along = new Float64Array(columns);
    for (let row = 0, at = 0; row < rows; row++) {
      for (let i = 0; i < columns; i++) along[i] += vector[row] * numbers[at++];
    }
    return along;
  });
  for (let row = 0, at = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++, at++) {
      let part = 0;
      for (let k = 0; k < basis.length; k++) part += basis[k][row] * rowsOf[k][i];
      numbers[at] -= scale * part;
    }
  }
}

/** An orthonormal basis of the first columns. */
function columnBasis({ numbers, rows, columns }: RowMatrix, rank: number, name: string): Float64Array[] {
  const basis: Float64Array[] = [];
  for (let column = 0; column < rank; column++) {
    const vector = Float64Array.from({ length: rows }, (_, row) => numbers[row * columns + column]);
    const whole = length(vector);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of basis) {
        const along = other.reduce((sum, number, i) => sum + number * vector[i], 0);
        for (let i = 0; i < rows; i++) vector[i] -= along * other[i];
      }
    }
    const rest = length(vector);
    if (!(rest > 1e-6 * whole)) {
      throw new RangeError(
        `Cannot load adapters: the first ${rank} columns of "${name}" must be linearly independent for adapters initialized by ` +
          `olora, column ${column} depends on the previous ones`,
      );
    }
    basis.push(vector.map((number) => number / rest));
  }
  return basis;
}

const length = (vector: Float64Array) => Math.sqrt(vector.reduce((sum, number) => sum + number * number, 0));
