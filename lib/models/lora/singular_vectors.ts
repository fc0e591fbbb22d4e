/**
 * The singular vectors of a matrix that belong to its largest singular values.
 *
 * Source: C. Lanczos, "An iteration method for the solution of the eigenvalue problem of linear differential and
 * integral operators", 1950; every vector is made orthogonal to all before it, twice.
 *
 * @module
 */
import { type RandomStream, randomStream } from "../../random/random.ts";
import { symmetricEigen } from "./symmetric_eigen.ts";

/** A row-major matrix. */
export interface RowMatrix {
  numbers: Float32Array;
  rows: number;
  columns: number;
}

/** How far a vector may be from being an eigenvector, relative to the largest eigenvalue. */
const TOLERANCE = 1e-12;

/**
 * Finds right singular vectors, `[columns]`, in float64. The matrix is only multiplied with vectors: some hundred times
 * 2·rows·columns multiplications for a few vectors of a large one.
 *
 * @param matrix The matrix.
 * @param count How many vectors, at most rows and columns.
 * @returns Orthonormal vectors, in order of falling singular values; their signs are arbitrary.
 */
export function rightSingularVectors(matrix: RowMatrix, count: number): Float64Array[] {
  if (matrix.columns <= matrix.rows) {
    return largestEigenvectors(matrix.columns, count, (x) => timesTransposed(matrix, times(matrix, x)));
  }
  const left = largestEigenvectors(matrix.rows, count, (x) => times(matrix, timesTransposed(matrix, x)));
  const right: Float64Array[] = [];
  for (const vector of left) right.push(normalized(withoutPartsIn(timesTransposed(matrix, vector), right)));
  return right;
}

/** Eigenvectors of a symmetric operator without negative eigenvalues, from a Krylov space that grows until they fit. */
function largestEigenvectors(size: number, count: number, apply: (x: Float64Array) => Float64Array): Float64Array[] {
  const random = randomStream(0);
  const basis = [freshDirection(size, [], random)];
  const diagonal: number[] = [], beside: number[] = [];
  for (let wanted = Math.min(size, 2 * count + 20);; wanted = Math.min(size, Math.ceil(1.5 * wanted))) {
    while (diagonal.length < wanted) {
      const last = basis[diagonal.length];
      const next = apply(last);
      diagonal.push(dot(last, next));
      withoutPartsIn(next, basis);
      const length = Math.sqrt(dot(next, next));
      // A space that the operator maps into itself is extended by a direction outside it.
      const ends = length <= 1e-14 * Math.max(...diagonal);
      beside.push(ends ? 0 : length);
      if (basis.length < size) basis.push(ends ? freshDirection(size, basis, random) : normalized(next));
    }
    const { values, vectors } = symmetricEigen(tridiagonal(diagonal, beside));
    const misfit = vectors.slice(0, count).map((vector) => Math.abs(beside[wanted - 1] * vector[wanted - 1]));
    if (wanted === size || misfit.every((length) => length <= TOLERANCE * values[0])) {
      return vectors.slice(0, count).map((weights) => combined(basis, weights));
    }
  }
}

function tridiagonal(diagonal: number[], beside: number[]): Float64Array[] {
  return diagonal.map((value, i) => {
    const row = new Float64Array(diagonal.length);
    row[i] = value;
    if (i > 0) row[i - 1] = beside[i - 1];
    if (i + 1 < row.length) row[i + 1] = beside[i];
    return row;
  });
}

function freshDirection(size: number, basis: Float64Array[], random: RandomStream): Float64Array {
  return normalized(withoutPartsIn(Float64Array.from({ length: size }, () => random.uniform() - 0.5), basis));
}

/** Removes a vector's components along others, in place. */
function withoutPartsIn(vector: Float64Array, others: Float64Array[]): Float64Array {
  for (let pass = 0; pass < 2; pass++) {
    for (const other of others) addScaled(vector, other, -dot(vector, other));
  }
  return vector;
}

function combined(basis: Float64Array[], weights: Float64Array): Float64Array {
  const sum = new Float64Array(basis[0].length);
  weights.forEach((weight, i) => addScaled(sum, basis[i], weight));
  return sum;
}

function times({ numbers, rows, columns }: RowMatrix, x: Float64Array): Float64Array {
  const product = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += numbers[at++] * x[column];
    product[row] = sum;
  }
  return product;
}

function timesTransposed({ numbers, rows, columns }: RowMatrix, x: Float64Array): Float64Array {
  const product = new Float64Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) product[column] += numbers[at++] * x[row];
  }
  return product;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

function addScaled(x: Float64Array, y: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] += factor * y[i];
}

function normalized(x: Float64Array): Float64Array {
  const length = Math.sqrt(dot(x, x));
  return length > 0 ? x.map((number) => number / length) : x;
}
