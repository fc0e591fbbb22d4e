/**
 * What the tokens of a loss are, for objectives that ask.
 *
 * Shapes: `c` tokens.
 *
 * @module
 */
import { aList, anObject, checkArguments } from "../arguments/check_arguments.ts";
import type { Row } from "../batches/row.ts";

/** Which tokens of the rows' responses, counted through all rows in their order. */
export interface TokenRange {
  /**
   * The first of them.
   *
   * @default {0}
   */
  start?: number;
  /**
   * How many.
   *
   * @default {all that follow}
   */
  size?: number;
}

/** Where a token stands. */
interface Place {
  row: Row;
  /** In the row's ids, from 0. */
  index: number;
}

/**
 * What the tokens of a loss are: the response tokens of some rows, or a slice of them. Nothing is computed before it is
 * requested. Lists of numbers can stand in tensorflow.js operations as they are: `tf.mul(values, tokens.positions)`.
 *
 * @example The second half of what two rows are learnt from
 * ```ts
 * import assert from "node:assert/strict";
 * import { TokenContext } from "@amid/amid/objectives";
 *
 * const rows = [
 *   { ids: [5, 6, 7, 8], promptLength: 2, fields: { weight: 1 } },
 *   { ids: [5, 9, 8], promptLength: 1, fields: { weight: 3 } },
 * ];
 * const tokens = new TokenContext(rows, { start: 1, size: 2 });
 * assert.deepEqual([...tokens.ids], [8, 9]);
 * assert.deepEqual([...tokens.positions], [1, 0]);
 * assert.deepEqual([...tokens.rowPositions], [3, 1]);
 * assert.deepEqual([...tokens.field("weight")], [1, 3]);
 * ```
 */
export class TokenContext {
  readonly #rows: readonly Row[];
  readonly #start: number;
  /** How many tokens there are, `c`. */
  readonly size: number;
  #places?: readonly Place[];

  /**
   * Takes note of the rows.
   *
   * @param rows The rows, each with a prompt and a response.
   * @param range Which of their response tokens.
   */
  constructor(rows: readonly Row[], range: TokenRange = {}) {
    checkArguments("say what tokens are", { rows: [rows, aList], range: [range, anObject] });
    const { start = 0, size = countOf(rows) - start } = range;
    this.#rows = rows;
    this.#start = start;
    this.size = size;
  }

  /** The tokens to predict, `[c]`. */
  get ids(): Int32Array {
    return Int32Array.from(this.#all, ({ row, index }) => row.ids[index]);
  }

  /** The position of each token in its response, from 0, `[c]`. */
  get positions(): Int32Array {
    return Int32Array.from(this.#all, ({ row, index }) => index - row.promptLength);
  }

  /** The position of each token in its row, prompt included, from 0, `[c]`. */
  get rowPositions(): Int32Array {
    return Int32Array.from(this.#all, ({ index }) => index);
  }

  /** The row of each token, `[c]`. */
  get rows(): readonly Row[] {
    return this.#all.map(({ row }) => row);
  }

  /** Where the row of each token comes from, `[c]`: `"corpus"` where it says nothing else. */
  get sources(): readonly string[] {
    return this.#all.map(({ row: { source = "corpus" } }) => source);
  }

  /**
   * A field of each token's row as a number, `[c]`; true is 1, false is 0.
   *
   * @param name The field.
   * @throws {TypeError} If a row has no such field, or it is neither a number nor true or false; the message gives the
   * row.
   */
  field(name: string): Float32Array {
    return Float32Array.from(this.#all, ({ row }) => {
      const value = row.fields?.[name];
      if (typeof value === "number" || typeof value === "boolean") return Number(value);
      const what = value === undefined ? "it is absent" : `current value is ${JSON.stringify(value)}`;
      throw new TypeError(
        `Cannot read the field "${name}" of row ${
          this.#rows.indexOf(row)
        }: it must be a number or true or false, ${what}`,
      );
    });
  }

  /**
   * Some of the tokens.
   *
   * @param start The first of them, from 0.
   * @param size How many.
   */
  slice(start: number, size: number): TokenContext {
    return new TokenContext(this.#rows, { start: this.#start + start, size });
  }

  get #all(): readonly Place[] {
    return this.#places ??= placesOf(this.#rows, this.#start, this.size);
  }
}

const countOf = (rows: readonly Row[]): number =>
  rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0);

function placesOf(rows: readonly Row[], start: number, size: number): Place[] {
  const places: Place[] = [];
  let skipped = 0;
  for (const row of rows) {
    const count = row.ids.length - row.promptLength;
    const first = Math.max(0, start - skipped), last = Math.min(count, start + size - skipped);
    for (let token = first; token < last; token++) places.push({ row, index: row.promptLength + token });
    skipped += count;
  }
  return places;
}
