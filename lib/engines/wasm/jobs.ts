/**
 * Jobs on elements and on rows. Their tasks depend on the tensors' sizes alone, and so do sums over tasks.
 *
 * @module
 */
import type { Job } from "./kernels.ts";

/** Elements of a task: few enough for the nearest caches, enough to be worth waking a thread for. */
const ELEMENTS = 16_384;

/** Rows of a task at least, where tasks have sums of their own. */
const SUMMED_ROWS = 64;

/** The bits of a number as float32. */
export function floatBits(number: number): number {
  bits.setFloat32(0, number);
  return bits.getInt32(0);
}

const bits = new DataView(new ArrayBuffer(4));

/** What a job on elements has. */
export interface ElementsOptions {
  /** How many elements each tensor has. */
  size: number;
  /** Where the tensors are. */
  tensors: readonly number[];
  /**
   * What is the same for all elements.
   *
   * @default {nothing}
   */
  numbers?: readonly number[];
}

/** A job that computes element by element; see `kernels/elementwise.ts`. */
export function elementsJob(kind: Job["kind"], { size, tensors, numbers = [] }: ElementsOptions): Job {
  return { kind, tasks: Math.ceil(size / ELEMENTS), fields: [size, ELEMENTS, ...tensors, ...numbers.map(floatBits)] };
}

/** What a job on rows has. */
export interface RowsOptions {
  rows: number;
  width: number;
  /** Where the tensors are. */
  tensors: readonly number[];
  /**
   * Further fields, behind the tensors.
   *
   * @default {none}
   */
  fields?: readonly number[];
}

/** A job that computes row by row; see `kernels/rows.ts`. */
export function rowsJob(kind: Job["kind"], { rows, width, tensors, fields = [] }: RowsOptions): Job {
  const some = Math.max(1, Math.floor(ELEMENTS / Math.max(width, 1)));
  return { kind, tasks: Math.ceil(rows / some), fields: [rows, some, width, ...tensors, ...fields] };
}

/** Such a job whose tasks have sums of their own, for columns; they are few. */
export function summedRowsJob(kind: Job["kind"], { rows, width, tensors, fields = [] }: RowsOptions): Job {
  const some = Math.max(SUMMED_ROWS, Math.floor(ELEMENTS / Math.max(width, 1)));
  return { kind, tasks: Math.ceil(rows / some), fields: [rows, some, width, ...tensors, ...fields] };
}
