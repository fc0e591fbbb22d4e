/**
 * The product of two matrices, or of many pairs of them, in tasks: each a block of rows by a block of columns of one
 * product. A sum's order depends on its length alone, so that neither the blocks nor the threads that compute them change
 * a bit of it.
 *
 * Source of the scheme: Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 2008.
 *
 * @module
 */
import type { Bytes } from "../assembler/encoding.ts";
import {
  add,
  block,
  both,
  call,
  clearBytes,
  copyBytes,
  counting,
  divide,
  either,
  equal,
  loadInteger,
  type Local,
  multiply,
  type Operand,
  remainder,
  set,
  smaller,
  subtract,
  when,
} from "../assembler/instructions.ts";
import type { TimesPlus } from "../assembler/lanes.ts";
import type { FunctionSource, ModuleBuilder } from "../assembler/module.ts";
import { FLOAT, packFour, packPanels } from "./pack.ts";
import { tile, TILE_COLUMNS, TILE_ROWS } from "./tile.ts";

/** Numbers of a row that are multiplied at a time: their panels stay in the cache. */
const DEPTH = 256;

/** Rows that are packed at a time. */
const ROWS = 64;

/** Columns that are packed at a time. */
const COLUMNS = 512;

/** Bytes that a thread needs for packed rows, packed columns and a tile that is cut at an edge. */
export const SCRATCH = FLOAT * (DEPTH * ROWS + DEPTH * COLUMNS + TILE_ROWS * TILE_COLUMNS);

/**
 * What a task reads of its job, in this order, each a 32-bit integer; steps and places are in bytes. `bias`, where it is not 0,
 * is the place of a row that is added to each of the product's.
 */
export const PRODUCT_FIELDS = [
  "a",
  "b",
  "product",
  "rows",
  "columns",
  "depth",
  "aRow",
  "aColumn",
  "aNext",
  "bRow",
  "bColumn",
  "bNext",
  "taskRows",
  "taskColumns",
  "rowTasks",
  "columnTasks",
  "direct",
  "bias",
] as const;

/** The name of such a number. */
export type ProductField = typeof PRODUCT_FIELDS[number];

/**
 * Adds the function that computes a task. It takes where the job's numbers are, the task's number and the thread's scratch.
 */
export function addProductTask(module: ModuleBuilder, timesPlus: TimesPlus): { index: number } {
  const four = module.add(packFour);
  const pack = (width: number) =>
    module.add(
      packPanels(width, (of) => call(four, of.from, of.rowStep, of.step, of.rows, of.depth, of.to, of.toStep)),
    );
  const packers = { rows: pack(TILE_ROWS), columns: pack(TILE_COLUMNS) };
  const tiles = module.add(sweep(module.add(tile(timesPlus))));
  return module.add(task(packers, tiles));
}

/**
 * Multiplies packed rows with columns, tile after tile. The function takes where the rows are, and how many; where the
 * columns are, the bytes from eight numbers to the next eight, those from a panel to the next, and how many columns; how
 * many numbers they have; where the product goes, and the bytes from a row of it to the next; whether to add; and where a
 * tile may lie that is cut.
 */
const sweep = (tile: { index: number }): FunctionSource => ({
  parameters: 11,
  write([rows, rowCount, columns, step, next, columnCount, depth, to, toStep, adds, cut], declare) {
    const [row, column, panel, at] = Array.from({ length: 4 }, () => declare("i32"));
    const [height, width, line] = Array.from({ length: 3 }, () => declare("i32"));
    const tileRow = TILE_COLUMNS * FLOAT;
    const lines = (copy: (inTile: Bytes, inProduct: Bytes) => Bytes) =>
      counting(
        line,
        { to: height },
        copy(add(cut, multiply(line, tileRow)), add(at, multiply(line, toStep))),
      );
    const bytes = multiply(width, FLOAT);
    const atEdge = block(
      when(adds, lines((inTile, inProduct) => copyBytes(inTile, inProduct, bytes))),
      call(tile, panel, columns, step, depth, cut, tileRow, adds),
      lines((inTile, inProduct) => copyBytes(inProduct, inTile, bytes)),
    );
    const one = block(
      set(height, smaller(subtract(rowCount, row), TILE_ROWS)),
      when(
        both(equal(height, TILE_ROWS), equal(width, TILE_COLUMNS)),
        call(tile, panel, columns, step, depth, at, toStep, adds),
        atEdge,
      ),
      set(panel, add(panel, multiply(depth, TILE_ROWS * FLOAT))),
      set(at, add(at, multiply(toStep, TILE_ROWS))),
    );
    return counting(
      column,
      { to: columnCount, by: TILE_COLUMNS },
      block(
        set(panel, rows),
        set(at, add(to, multiply(column, FLOAT))),
        set(width, smaller(subtract(columnCount, column), TILE_COLUMNS)),
        counting(row, { to: rowCount, by: TILE_ROWS }, one),
        set(columns, add(columns, next)),
      ),
    );
  },
});

const task = (packers: Record<"rows" | "columns", { index: number }>, tiles: { index: number }): FunctionSource => ({
  parameters: 3,
  write([job, task, scratch], declare) {
    const fields = {} as Record<ProductField, Local>;
    for (const name of PRODUCT_FIELDS) fields[name] = declare("i32");
    const { a, b, product, rows, columns, depth, aRow, aColumn, bRow, bColumn, direct, bias } = fields;
    const { taskRows, taskColumns, rowTasks, columnTasks } = fields;
    const names = [
      "pair",
      "within",
      "top",
      "bottom",
      "left",
      "right",
      "i",
      "j",
      "k",
      "height",
      "width",
      "deep",
      "lead",
    ];
    const variables = {} as Record<string, Local>;
    for (const name of [...names, "columnsAt", "step", "next"]) variables[name] = declare("i32");
    const { pair, within, top, bottom, left, right, i, j, k, height, width, deep, lead } = variables;
    const { columnsAt, step, next } = variables;
    const packedColumns = add(scratch, DEPTH * ROWS * FLOAT);
    const cut = add(packedColumns, DEPTH * COLUMNS * FLOAT);
    const at = (start: Local, ...steps: [Local, Local][]): Bytes =>
      steps.reduce<Operand>((sum, [count, bytes]) => add(sum, multiply(count, bytes)), start) as Bytes;
    const rowsBlock = block(
      set(height, smaller(subtract(bottom, i), ROWS)),
      call(packers.rows, at(a, [i, aRow], [k, aColumn]), aRow, aColumn, height, deep, scratch),
      call(
        tiles,
        scratch,
        height,
        columnsAt,
        step,
        next,
        width,
        deep,
        add(at(product, [i, lead]), multiply(j, FLOAT)),
        lead,
        either(bias, k),
        cut,
      ),
    );
    const columnsBlock = block(
      set(width, smaller(subtract(right, j), COLUMNS)),
      when(
        direct,
        block(set(columnsAt, at(b, [k, bRow], [j, bColumn])), set(step, bRow), set(next, TILE_COLUMNS * FLOAT)),
        block(
          set(columnsAt, packedColumns),
          set(step, TILE_COLUMNS * FLOAT),
          set(next, multiply(deep, TILE_COLUMNS * FLOAT)),
          call(packers.columns, at(b, [k, bRow], [j, bColumn]), bColumn, bRow, width, deep, packedColumns),
        ),
      ),
      counting(i, { from: top, to: bottom, by: ROWS }, rowsBlock),
    );
    const sum = counting(
      k,
      { to: depth, by: DEPTH },
      block(
        set(deep, smaller(subtract(depth, k), DEPTH)),
        counting(j, { from: left, to: right, by: COLUMNS }, columnsBlock),
      ),
    );
    const place = add(at(product, [i, lead]), multiply(left, FLOAT));
    const bytes = multiply(subtract(right, left), FLOAT);
    const biased = copyBytes(place, add(bias, multiply(left, FLOAT)), bytes);
    const prepared = counting(i, { from: top, to: bottom }, when(bias, biased, clearBytes(place, bytes)));
    return block(
      ...PRODUCT_FIELDS.map((name, index) => set(fields[name], loadInteger(job, 4 * index))),
      set(lead, multiply(columns, FLOAT)),
      set(within, multiply(rowTasks, columnTasks)),
      set(pair, divide(task, within)),
      set(within, remainder(task, within)),
      set(a, at(a, [pair, fields.aNext])),
      set(b, at(b, [pair, fields.bNext])),
      set(product, add(product, multiply(multiply(pair, rows), lead))),
      set(top, multiply(divide(within, columnTasks), taskRows)),
      set(bottom, smaller(add(top, taskRows), rows)),
      set(left, multiply(remainder(within, columnTasks), taskColumns)),
      set(right, smaller(add(left, taskColumns), columns)),
      when(either(bias, equal(depth, 0)), prepared),
      sum,
    );
  },
});
