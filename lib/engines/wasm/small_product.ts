/**
 * The product of two small matrices.
 *
 * @module
 */

/** How a matrix lies in its array: the steps from one row, and from one column, to the next. */
export interface MatrixLayout {
  rows: number;
  columns: number;
  rowStep: number;
  columnStep: number;
}

/** What {@linkcode multiply} multiplies, and where the product goes, row by row. */
export interface SmallProduct {
  a: Float32Array;
  b: Float32Array;
  product: Float32Array;
  /** The layout of `a`. */
  left: MatrixLayout;
  /** The layout of `b`; it has as many rows as `a` has columns. */
  right: MatrixLayout;
}

/** Multiplies, in blocks of two rows by four columns, whose sums stay in registers. */
export function multiply({ a, b, product, left, right }: SmallProduct): void {
  const { rows, columns: inner, rowStep: aRow, columnStep: aColumn } = left;
  const { columns, rowStep: bRow, columnStep: bColumn } = right;
  const [blockRows, blockColumns] = [rows - rows % 2, columns - columns % 4];
  for (let i = 0; i < blockRows; i += 2) {
    for (let j = 0; j < blockColumns; j += 4) {
      let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
      for (let l = 0, p = i * aRow, q = j * bColumn; l < inner; l++, p += aColumn, q += bRow) {
        const x = a[p], y = a[p + aRow];
        const b0 = b[q], b1 = b[q + bColumn], b2 = b[q + 2 * bColumn], b3 = b[q + 3 * bColumn];
        s0 += x * b0, s1 += x * b1, s2 += x * b2, s3 += x * b3;
        t0 += y * b0, t1 += y * b1, t2 += y * b2, t3 += y * b3;
      }
      const at = i * columns + j, below = at + columns;
      product[at] = s0, product[at + 1] = s1, product[at + 2] = s2, product[at + 3] = s3;
      product[below] = t0, product[below + 1] = t1, product[below + 2] = t2, product[below + 3] = t3;
    }
  }
  for (let i = 0; i < rows; i++) {
    for (let j = i < blockRows ? blockColumns : 0; j < columns; j++) {
      let sum = 0;
      for (let l = 0, p = i * aRow, q = j * bColumn; l < inner; l++, p += aColumn, q += bRow) sum += a[p] * b[q];
      product[i * columns + j] = sum;
    }
  }
}
