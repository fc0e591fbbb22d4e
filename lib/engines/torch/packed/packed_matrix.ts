/**
 * Matrices in few bits, which are made float32 or bfloat16 a few rows at a time, where they are used.
 *
 * libtorch's own products of such matrices (`_weight_int8pack_mm`, `_weight_int4pack_mm_for_cpu`) are the slower ones from
 * a few rows on: with 256 rows of 576 by 1536 on a processor with AMX, 27 ms against 3 ms of bfloat16 and 13 of float32.
 *
 * @module
 */
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

/** Rows from `from` on and before `to`. */
export interface PackedRows {
  from: number;
  to: number;
}

/** Numbers that are made floats at once, so that they stay in the processor's cache on their way. */
const AT_ONCE = 2 ** 17;

/** A matrix in few bits. */
export abstract class PackedMatrix {
  /**
   * Makes a matrix of memory that there is.
   *
   * @param torch The owner of the handles.
   * @param rows How many rows it has.
   * @param columns The numbers of a row.
   */
  constructor(protected readonly torch: Torch, readonly rows: number, readonly columns: number) {}

  /** The tensors of libtorch that hold it, each a row of bytes or numbers for a row of the matrix. */
  abstract readonly handles: readonly Handle[];

  /** Whether its numbers are those of the model, not rounded to few bits here. */
  abstract readonly isExact: boolean;

  /** The same kind of matrix with other rows. */
  protected abstract of(handles: readonly Handle[], rows: number): PackedMatrix;

  /** Overwrites numbers `[rows, columns]`, contiguous, with those of the matrix, which has few rows. */
  protected abstract fill(into: Handle): void;

  /** Whether `fill` overwrites numbers of this type with the same as if float32 ones were rounded to it. */
  protected fills(dtype: DTypeCode): boolean {
    return dtype === dtypes.float32;
  }

  /** Overwrites the matrix with numbers rounded to the nearest that its bits can hold; float32 `[rows, columns]`. */
  abstract write(numbers: Handle): void;

  /** The same memory, but for some of the rows. */
  part({ from, to }: PackedRows): PackedMatrix {
    const rows = to - from;
    const parts = this.handles.map((handle) => {
      const [, width] = this.torch.shape(handle);
      return this.torch.view(handle, [rows, width], [width, 1], from * width);
    });
    return this.of(parts, rows);
  }

  /** Some of the rows, float32 `[count, columns]`. */
  picked(places: Handle, count: number): Handle {
    const picked = this.handles.map((handle) => this.torch.call("embedding", handle, places, -1, false, false));
    return this.of(picked, count).unpack();
  }

  /** The numbers, as float32 or bfloat16 `[rows, columns]`. */
  unpack(dtype: DTypeCode = dtypes.float32): Handle {
    const { torch, rows, columns } = this;
    const numbers = torch.empty([rows, columns], dtype);
    const step = Math.max(1, Math.floor(AT_ONCE / columns));
    for (let from = 0; from < rows; from += step) {
      const to = Math.min(from + step, rows);
      torch.scope(() => {
        const place = torch.view(numbers, [to - from, columns], [columns, 1], from * columns);
        const part = this.part({ from, to });
        if (part.fills(dtype)) return part.fill(place);
        const floats = torch.empty([to - from, columns], dtypes.float32);
        part.fill(floats);
        torch.copy(place, floats);
      });
    }
    return numbers;
  }
}
