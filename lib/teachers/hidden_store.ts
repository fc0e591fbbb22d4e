/**
 * Where the teacher's states are kept, row by row.
 *
 * Shapes: `n` response tokens of a row, `H′` hidden width of the teacher.
 *
 * @module
 */
import { type Row, rowKey } from "../batches/row.ts";
import { fromFloat32, toFloat32, type WeightFormat } from "../models/weights/float_formats.ts";
import { keptTokens } from "../batches/training_batch.ts";

/** How kept states are stored. */
export type HiddenType = "float32" | "bfloat16";

/** The formats of numbers that the types stand for. */
export const hiddenFormats: Readonly<Record<HiddenType, WeightFormat>> = { float32: "F32", bfloat16: "BF16" };

/** Keeps states. A row's last bits depend on its company: the rows that the teacher saw together with it. */
export interface HiddenStore {
  /** Whether a row's states are there, as they are in this company. */
  has(row: Row, company: readonly Row[]): boolean;
  /** A row's states, float32 `[n · H′]`; they must be there. */
  read(row: Row, company: readonly Row[]): Float32Array;
  /** Keeps the states of a company's rows, float32 `[n · H′]` of all rows together, in their order. */
  write(company: readonly Row[], states: Float32Array<ArrayBuffer>): void;
  /** Frees what is in memory. */
  dispose(): void;
}

/**
 * Keeps states in memory, each row's in the first company that it is written in.
 *
 * @param type How they are stored.
 */
export function memoryStore(type: HiddenType = "float32"): HiddenStore {
  const format = hiddenFormats[type];
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    has: (row) => kept.has(rowKey(row)),
    read: (row) => toFloat32(kept.get(rowKey(row))!, format),
    write(company, states) {
      for (const [row, numbers] of perRow(company, states)) kept.set(rowKey(row), fromFloat32(numbers.slice(), format));
    },
    dispose: () => kept.clear(),
  };
}

/** Each row's share of the states of all, a view. */
export function perRow(
  rows: readonly Row[],
  states: Float32Array<ArrayBuffer>,
): [row: Row, states: Float32Array<ArrayBuffer>][] {
  const width = states.length / keptTokens(rows);
  let at = 0;
  return rows.map((row) => [row, states.subarray(at, at += keptTokens([row]) * width)]);
}
