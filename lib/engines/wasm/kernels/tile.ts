/**
 * The innermost part of a product: a tile of four rows by eight columns, whose 32 sums stay in registers.
 *
 * @module
 */
import type { Bytes } from "../assembler/encoding.ts";
import { add, block, counting, type Local, set, when } from "../assembler/instructions.ts";
import { loadEverywhere, loadVector, plus, storeVector, type TimesPlus, ZEROS } from "../assembler/lanes.ts";
import type { FunctionSource } from "../assembler/module.ts";
import { FLOAT, LANES } from "./pack.ts";

/** Rows of a tile. */
export const TILE_ROWS = 4;

/** Columns of a tile. */
export const TILE_COLUMNS = 8;

const VECTORS = TILE_COLUMNS / LANES;

/**
 * Multiplies a panel of four packed rows with eight columns, and stores the tile, or adds it to what is there.
 *
 * The function takes where the rows are, as `pack.ts` packs them; where the columns are, and the bytes from eight of their
 * numbers to the next eight; how many numbers they have; where the tile goes, and the bytes from a row of it to the next;
 * and whether to add.
 *
 * @param timesPlus Makes the code of a·b + c.
 */
export const tile = (timesPlus: TimesPlus): FunctionSource => ({
  parameters: 7,
  write([rows, columns, columnStep, depth, to, toStep, adds], declare) {
    const sums = Array.from({ length: TILE_ROWS * VECTORS }, () => declare("v128"));
    const right = Array.from({ length: VECTORS }, () => declare("v128"));
    const [left, count] = [declare("v128"), declare("i32")];
    const each = (visit: (row: number, vector: number, sum: Local) => Bytes): Bytes =>
      block(...sums.map((sum, index) => visit(Math.floor(index / VECTORS), index % VECTORS, sum)));
    const place = (vector: number) => vector * LANES * FLOAT;
    const step = block(
      ...right.map((register, vector) => set(register, loadVector(columns, place(vector)))),
      each((row, vector, sum) =>
        block(
          vector === 0 ? set(left, loadEverywhere(rows, row * FLOAT)) : [],
          set(sum, timesPlus(left, right[vector], sum)),
        )
      ),
      set(rows, add(rows, TILE_ROWS * FLOAT)),
      set(columns, add(columns, columnStep)),
    );
    const rowsOf = (visit: (vector: number, sum: Local) => Bytes): Bytes =>
      each((_, vector, sum) => block(visit(vector, sum), vector === VECTORS - 1 ? set(count, add(count, toStep)) : []));
    return block(
      each((_row, _vector, sum) => set(sum, ZEROS)),
      counting(count, { to: depth }, step),
      set(count, to),
      when(
        adds,
        rowsOf((vector, sum) => set(sum, plus(sum, loadVector(count, place(vector))))),
      ),
      set(count, to),
      rowsOf((vector, sum) => storeVector(count, sum, place(vector))),
    );
  },
});
