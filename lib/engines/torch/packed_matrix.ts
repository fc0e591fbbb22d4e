/**
 * Matrices in 8 or 4 bits: each group of neighbours in a row shares a scale, and in 4 bits a least number too. They are
 * made float32 or bfloat16 a few rows at a time, where they are used.
 *
 * libtorch's own products of such matrices (`_weight_int8pack_mm`, `_weight_int4pack_mm_for_cpu`) are the slower ones from
 * a few rows on: with 256 rows of 576 by 1536 on a processor with AMX, 27 ms against 3 ms of bfloat16 and 13 of float32.
 *
 * @module
 */
import type { PackedBits } from "../engine.ts";
import type { Handle } from "./operators.ts";
import { type DTypeCode, dtypes } from "./symbols.ts";
import type { Torch } from "./torch.ts";

/** A matrix in few bits. */
export interface PackedMatrix {
  bits: PackedBits;
  rows: number;
  columns: number;
  /** How many neighbours share a scale. */
  group: number;
  /** 8 bits: whole numbers from −127 to 127, `[rows, columns]`; 4 bits: two to a byte, `[rows, columns / 2]`. */
  values: Handle;
  /** float32 `[rows, columns / group]`. */
  scales: Handle;
  /** In 4 bits the least number of each group, as `scales`. */
  least?: Handle;
}

/** Rows from `from` on and before `to`. */
export interface PackedRows {
  from: number;
  to: number;
}

/** Groups, the largest first; a row that none of them divides is one group. */
const GROUPS: Readonly<Record<PackedBits, readonly number[]>> = { 8: [64, 32], 4: [32] };

/** No scale is smaller, so that a group of zeros divides by none. */
const SMALLEST_SCALE = 1e-30;

/**
 * Makes room for a matrix; its numbers are not set. The handles are of the open scope.
 *
 * @throws {RangeError} If rows have an odd width and two numbers are to share a byte.
 */
export function emptyPacked(
  torch: Torch,
  { bits, rows, columns }: Pick<PackedMatrix, "bits" | "rows" | "columns">,
): PackedMatrix {
  if (bits === 4 && columns % 2 !== 0) {
    throw new RangeError(
      `Cannot store a matrix in 4 bits: its rows must be of even width, current value is ${columns}`,
    );
  }
  const group = GROUPS[bits].find((group) => columns % group === 0) ?? columns;
  const perGroup = () => torch.empty([rows, columns / group], dtypes.float32);
  const values = bits === 8
    ? torch.empty([rows, columns], dtypes.int8)
    : torch.empty([rows, columns / 2], dtypes.uint8);
  return { bits, rows, columns, group, values, scales: perGroup(), ...bits === 4 ? { least: perGroup() } : {} };
}

/** The same memory, but for some of the rows. */
export function packedRows(torch: Torch, packed: PackedMatrix, { from, to }: PackedRows): PackedMatrix {
  const part = (handle: Handle, width: number) => torch.view(handle, [to - from, width], [width, 1], from * width);
  const { bits, columns, group, values, scales, least } = packed;
  return {
    ...packed,
    rows: to - from,
    values: part(values, bits === 8 ? columns : columns / 2),
    scales: part(scales, columns / group),
    ...least === undefined ? {} : { least: part(least, columns / group) },
  };
}

/** Some of the rows, float32 `[count, columns]`. */
export function pickedRows(
  torch: Torch,
  packed: PackedMatrix,
  { places, count }: { places: Handle; count: number },
): Handle {
  const pick = (handle: Handle) => torch.call("embedding", handle, places, -1, false, false);
  const { values, scales, least } = packed;
  return unpack(torch, {
    ...packed,
    rows: count,
    values: pick(values),
    scales: pick(scales),
    ...least === undefined ? {} : { least: pick(least) },
  });
}

/** Overwrites a matrix with numbers rounded to the nearest that its bits can hold; float32 `[rows, columns]`. */
export function pack(torch: Torch, packed: PackedMatrix, numbers: Handle): void {
  const { bits, rows, columns, group, values, scales, least } = packed;
  const grouped = torch.view(torch.contiguous(numbers), [rows, columns / group, group], [columns, group, 1]);
  const spread = (perGroup: Handle) => torch.view(perGroup, [rows, columns / group, 1], [columns / group, 1, 1]);
  const smallest = torch.scalar(SMALLEST_SCALE);
  const flat = (wholes: Handle) => torch.view(wholes, [rows, columns], [columns, 1]);
  if (bits === 8) {
    const largest = torch.call("amax", torch.call("abs", grouped), [2], false);
    torch.copy(scales, torch.call("clampMinInPlace", torch.multiplyScalar(largest, 1 / 127), smallest));
    torch.copy(values, flat(torch.call("round", torch.call("divide", grouped, spread(scales)))));
    return;
  }
  torch.copy(least!, torch.call("amin", grouped, [2], false));
  const extent = torch.subtract(torch.call("amax", grouped, [2], false), least!);
  torch.copy(scales, torch.call("clampMinInPlace", torch.multiplyScalar(extent, 1 / 15), smallest));
  const wholes = flat(
    torch.call("round", torch.call("divide", torch.subtract(grouped, spread(least!)), spread(scales))),
  );
  // The first half of a row is in the low bits, the second in the high ones; 15 is passed by rounding alone.
  const half = (start: number) => torch.view(wholes, [rows, columns / 2], [columns, 1], start);
  torch.copy(values, torch.add(half(0), half(columns / 2), 16));
}

/** The numbers, as float32 or bfloat16 `[rows, columns]`. */
export function unpack(torch: Torch, packed: PackedMatrix, dtype: DTypeCode = dtypes.float32): Handle {
  const { bits, rows, columns, group, values, scales, least } = packed;
  const wholes = bits === 8 ? torch.cast(values, dtypes.float32) : fourBits(torch, packed);
  const grouped = torch.view(wholes, [rows, columns / group, group], [columns, group, 1]);
  const spread = (perGroup: Handle) => torch.view(perGroup, [rows, columns / group, 1], [columns / group, 1, 1]);
  const scaled = torch.call("multiplyInPlace", grouped, spread(scales));
  const numbers = least === undefined ? scaled : torch.add(scaled, spread(least));
  return torch.cast(torch.view(numbers, [rows, columns], [columns, 1]), dtype);
}

function fourBits(torch: Torch, { rows, columns, values }: PackedMatrix): Handle {
  const wholes = torch.empty([rows, columns], dtypes.float32);
  const half = (start: number) => torch.view(wholes, [rows, columns / 2], [columns, 1], start);
  torch.copy(half(0), torch.call("bitwiseAnd", values, torch.scalar(15, dtypes.int32)));
  torch.copy(half(columns / 2), torch.call("shiftRight", values, torch.scalar(4, dtypes.int32)));
  return wholes;
}

/** The handles that keep a matrix alive. */
export const handlesOf = ({ values, scales, least }: PackedMatrix): Handle[] =>
  least === undefined ? [values, scales] : [values, scales, least];
