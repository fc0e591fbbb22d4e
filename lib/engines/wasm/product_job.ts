/**
 * A product of matrices as a job for threads.
 *
 * @module
 */
import type { Job } from "./kernels.ts";
import { FLOAT } from "./kernels/pack.ts";
import { PRODUCT_FIELDS, type ProductField } from "./kernels/product.ts";
import { TILE_COLUMNS, TILE_ROWS } from "./kernels/tile.ts";

/** A matrix, or a stack of them: where it begins, and the numbers from a row, a column and a matrix to the next. */
export interface MatrixPlace {
  at: number;
  rowStep: number;
  columnStep: number;
  /** 0 if the same matrix is multiplied with each of the others. */
  next: number;
}

/** What is multiplied. */
export interface ProductSize {
  rows: number;
  columns: number;
  /** Columns of the left matrix, and rows of the right one. */
  depth: number;
  /** Pairs of matrices. */
  count: number;
}

/** A product: `a`·`b`, stored row after row and pair after pair. */
export interface ProductPlaces {
  a: MatrixPlace;
  b: MatrixPlace;
  product: number;
  /**
   * A row that is added to each of the product's, in bytes.
   *
   * @default {none}
   */
  bias?: number;
}

/** Multiplications below which a thread would wake others for less time than that takes. */
const ALONE = 2 ** 16;

/** Tasks for each thread, so that none waits long for a slower one. */
const TASKS_EACH = 4;

/** The least rows and columns of a task: both are packed for each. */
const LEAST = { rows: 16, columns: 32 };

/** Rows up to which the right matrix is read where it lies: packing it would take as long as a good part of the product. */
const DIRECT_ROWS = 64;

/** Columns up to which it is: rows that lie further apart displace one another from the cache. */
const DIRECT_COLUMNS = 1024;

/**
 * The job that computes a product.
 *
 * @param size What is multiplied.
 * @param places Where the matrices are, in bytes, and how they lie.
 * @param threads How many threads share the tasks.
 */
export function productJob(size: ProductSize, places: ProductPlaces, threads: number): Job {
  const { rows, columns, depth, count } = size;
  const { a, b, product, bias = 0 } = places;
  const { taskRows, taskColumns } = blocksOf(size, threads);
  const [rowTasks, columnTasks] = [Math.ceil(rows / taskRows), Math.ceil(columns / taskColumns)];
  const wholeTiles = columns % TILE_COLUMNS === 0 && b.columnStep === 1;
  const direct = wholeTiles && rows <= DIRECT_ROWS && columns <= DIRECT_COLUMNS ? 1 : 0;
  const steps = { aRow: a.rowStep, aColumn: a.columnStep, aNext: a.next };
  const others = { bRow: b.rowStep, bColumn: b.columnStep, bNext: b.next };
  const fields: Record<ProductField, number> = {
    a: a.at,
    b: b.at,
    product,
    rows,
    columns,
    depth,
    ...inBytes(steps),
    ...inBytes(others),
    taskRows,
    taskColumns,
    rowTasks,
    columnTasks,
    direct,
    bias,
  };
  return { kind: "product", tasks: count * rowTasks * columnTasks, fields: PRODUCT_FIELDS.map((name) => fields[name]) };
}

/** The rows and columns of a task: whole products, or parts of them along the longer side. */
function blocksOf({ rows, columns, depth, count }: ProductSize, threads: number) {
  const whole = { taskRows: upTo(rows, TILE_ROWS), taskColumns: upTo(columns, TILE_COLUMNS) };
  if (threads === 1 || rows * columns * depth * count < ALONE) return whole;
  const parts = Math.ceil(TASKS_EACH * threads / count);
  return rows >= columns
    ? { ...whole, taskRows: Math.min(whole.taskRows, upTo(Math.max(rows / parts, LEAST.rows), TILE_ROWS)) }
    : {
      ...whole,
      taskColumns: Math.min(whole.taskColumns, upTo(Math.max(columns / parts, LEAST.columns), TILE_COLUMNS)),
    };
}

/** The multiple of a unit from a number, at least one unit. */
const upTo = (size: number, unit: number): number => Math.max(1, Math.ceil(size / unit)) * unit;

const inBytes = <T extends Record<string, number>>(numbers: T): T =>
  Object.fromEntries(Object.entries(numbers).map(([name, number]) => [name, number * FLOAT])) as T;
