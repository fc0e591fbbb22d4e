/**
 * Eigenvalues and eigenvectors of small symmetric matrices.
 *
 * Source: C. G. J. Jacobi, "Über ein leichtes Verfahren, die in der Theorie der Säcularstörungen vorkommenden Gleichungen
 * numerisch aufzulösen", 1846.
 *
 * @module
 */

/** Eigenvalues in descending order, and their eigenvectors of length 1. */
export interface SymmetricEigen {
  values: number[];
  vectors: Float64Array[];
}

/** Sweeps after which the matrix is diagonal; eight are usual. */
const MOST_SWEEPS = 60;

/**
 * Diagonalizes a matrix by rotations of two axes at a time.
 *
 * @param rows The rows of a symmetric matrix, `[n, n]`; they are overwritten.
 */
export function symmetricEigen(rows: Float64Array[]): SymmetricEigen {
  const size = rows.length;
  const vectors = rows.map((_, i) => Float64Array.from({ length: size }, (_, j) => i === j ? 1 : 0));
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = rows[p][q];
        if (Math.abs(off) <= 1e-17 * Math.sqrt(Math.abs(rows[p][p] * rows[q][q])) || Math.abs(off) < 1e-300) continue;
        rotated = true;
        const ratio = (rows[q][q] - rows[p][p]) / (2 * off);
        const tangent = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.hypot(1, ratio));
        const cosine = 1 / Math.hypot(1, tangent), sine = tangent * cosine;
        for (let i = 0; i < size; i++) {
          const a = rows[i][p], b = rows[i][q];
          rows[i][p] = cosine * a - sine * b;
          rows[i][q] = sine * a + cosine * b;
        }
        rotate(rows[p], rows[q], { cosine, sine });
        rotate(vectors[p], vectors[q], { cosine, sine });
      }
    }
    if (!rotated) break;
  }
  const order = vectors.map((_, i) => i).sort((a, b) => rows[b][b] - rows[a][a]);
  return { values: order.map((i) => rows[i][i]), vectors: order.map((i) => vectors[i]) };
}

function rotate(x: Float64Array, y: Float64Array, { cosine, sine }: { cosine: number; sine: number }): void {
  for (let i = 0; i < x.length; i++) {
    const a = x[i], b = y[i];
    x[i] = cosine * a - sine * b;
    y[i] = sine * a + cosine * b;
  }
}
