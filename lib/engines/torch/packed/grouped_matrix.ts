/**
 * Matrices in 8 or 4 bits: each group of neighbours in a row shares a scale, and in 4 bits a least number too.
 *
 * @module
 */
import type { PackedBits } from "../../engine.ts";
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { PackedMatrix } from "./packed_matrix.ts";

/** The most neighbours that share a scale, and the fewest: a row that no number between divides is one group. */
const GROUPS: Readonly<Record<PackedBits, readonly [most: number, fewest: number]>> = { 8: [256, 32], 4: [32, 32] };

/** No scale is smaller, so that a group of zeros divides by none. */
const SMALLEST_SCALE = 1e-30;

/** A matrix in 8 or 4 bits. */
export class GroupedMatrix extends PackedMatrix {
  override readonly isExact = false;

  /**
   * Makes a matrix of memory that there is.
   *
   * @param torch The owner of the handles.
   * @param bits Of a number.
   * @param handles 8 bits: whole numbers from −127 to 127, `[rows, columns]`; 4 bits: two to a byte, `[rows, columns / 2]`;
   * the scales, bfloat16 `[rows, columns / group]`; in 4 bits the least number of each group, as the scales.
   */
  constructor(
    torch: Torch,
    readonly bits: PackedBits,
    readonly handles: readonly Handle[],
    { rows, columns }: { rows: number; columns: number },
  ) {
    super(torch, rows, columns);
  }

  /**
   * Makes room for a matrix; its numbers are not set. The handles are of the open scope.
   *
   * @throws {RangeError} If rows have an odd width and two numbers are to share a byte.
   */
  static empty(torch: Torch, { bits, rows, columns }: { bits: PackedBits; rows: number; columns: number }) {
    if (bits === 4 && columns % 2 !== 0) {
      throw new RangeError(
        `Cannot store a matrix in 4 bits: its rows must be of even width, current value is ${columns}`,
      );
    }
    const perGroup = () => torch.empty([rows, columns / groupOf(bits, columns)], dtypes.bfloat16);
    const values = bits === 8
      ? torch.empty([rows, columns], dtypes.int8)
      : torch.empty([rows, columns / 2], dtypes.uint8);
    const handles = bits === 8 ? [values, perGroup()] : [values, perGroup(), perGroup()];
    return new GroupedMatrix(torch, bits, handles, { rows, columns });
  }

  protected override of(handles: readonly Handle[], rows: number): GroupedMatrix {
    return new GroupedMatrix(this.torch, this.bits, handles, { rows, columns: this.columns });
  }

  /** A whole number of 8 bits is exact in bfloat16, and its product with the scale is rounded once. */
  protected override fills(dtype: DTypeCode): boolean {
    return dtype === dtypes.float32 || (this.bits === 8 && dtype === dtypes.bfloat16);
  }

  protected override fill(into: Handle): void {
    const { torch, bits, rows, columns, handles: [values, scales, least] } = this;
    const dtype = torch.dtype(into);
    if (bits === 8) torch.copy(into, values);
    else {
      const half = (start: number) => torch.view(into, [rows, columns / 2], [columns, 1], start);
      torch.copy(half(0), torch.call("bitwiseAnd", values, torch.scalar(15, dtypes.int32)));
      torch.copy(half(columns / 2), torch.call("shiftRight", values, torch.scalar(4, dtypes.int32)));
    }
    torch.call("multiplyInPlace", this.#grouped(into), this.#spread(scales, dtype));
    if (least !== undefined) torch.copy(this.#grouped(into), torch.add(this.#grouped(into), this.#spread(least)));
  }

  override write(numbers: Handle): void {
    const { torch, bits, rows, columns, handles: [values, scales, least] } = this;
    const grouped = this.#grouped(torch.contiguous(numbers));
    const smallest = torch.scalar(SMALLEST_SCALE);
    // Numbers are rounded by the scale and the least number as they are stored, whose own rounding so loses next to nothing.
    const flat = (wholes: Handle) => torch.view(wholes, [rows, columns], [columns, 1]);
    const rounded = (ratios: Handle, from: number, to: number) =>
      flat(torch.call("clamp", torch.call("round", ratios), torch.scalar(from), torch.scalar(to)));
    if (bits === 8) {
      const largest = torch.call("amax", torch.call("abs", grouped), [2], false);
      torch.copy(scales, torch.call("clampMinInPlace", torch.multiplyScalar(largest, 1 / 127), smallest));
      torch.copy(values, rounded(torch.call("divide", grouped, this.#spread(scales)), -127, 127));
      return;
    }
    torch.copy(least, torch.call("amin", grouped, [2], false));
    const extent = torch.subtract(torch.call("amax", grouped, [2], false), torch.cast(least, dtypes.float32));
    torch.copy(scales, torch.call("clampMinInPlace", torch.multiplyScalar(extent, 1 / 15), smallest));
    const above = torch.subtract(grouped, this.#spread(least));
    const wholes = rounded(torch.call("divide", above, this.#spread(scales)), 0, 15);
    // The first half of a row is in the low bits, the second in the high ones.
    const half = (start: number) => torch.view(wholes, [rows, columns / 2], [columns, 1], start);
    torch.copy(values, torch.add(half(0), half(columns / 2), 16));
  }

  /** Numbers by their groups, `[rows, groups, group]`. */
  #grouped(numbers: Handle): Handle {
    const { torch, rows, columns } = this;
    const group = groupOf(this.bits, columns);
    return torch.view(numbers, [rows, columns / group, group], [columns, group, 1]);
  }

  /** A number for each group, `[rows, groups, 1]`. */
  #spread(perGroup: Handle, dtype: DTypeCode = dtypes.float32): Handle {
    const groups = this.columns / groupOf(this.bits, this.columns);
    return this.torch.view(this.torch.cast(perGroup, dtype), [this.rows, groups, 1], [groups, 1, 1]);
  }
}

/** How many neighbours share a scale. */
function groupOf(bits: PackedBits, columns: number): number {
  const [most, fewest] = GROUPS[bits];
  for (let group = Math.min(most, columns); group >= fewest; group--) if (columns % group === 0) return group;
  return columns;
}
