/**
 * A folder of packed sparse answers, row by row.
 *
 * It holds `targets.json`, and files that end in `.targets`, each with the rows that were written at once; several processes
 * may write at the same time. `docs/teachers.md` has the layout.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Row, rowKey } from "../../batches/row.ts";
import { keptTokens } from "../../batches/training_batch.ts";
import { joinAnswers, sliceAnswer, type SparseAnswer } from "../../distributions/sparse_answer.ts";
import { readRowFile, readRowFileHeader, type RowFileFormat, useless, writeRowFile } from "../row_file.ts";
import { byFrequency, type Numbering, numberingOf } from "./numbering.ts";
import { packAnswer, packingError, unpackAnswer } from "./pack_answer.ts";
import {
  beginTargets,
  checkDescription,
  readDescription,
  type TargetsDescription,
  type WantedTargets,
} from "./targets_file.ts";

/** What was written. */
export interface PackedAmount {
  /** Response tokens. */
  tokens: number;
  /** Bytes of all files but targets.json. */
  bytes: number;
  /** What packing changes, KL in nats, summed over the tokens. */
  nats: number;
}

/** A folder that is open. */
export class TargetsFolder {
  /** What was written by this process. */
  readonly written: PackedAmount = { tokens: 0, bytes: 0, nats: 0 };
  readonly #files = new Map<string, string>();
  #opened?: { description: TargetsDescription; numbering: Numbering; format: RowFileFormat };

  private constructor(readonly path: string) {}

  /**
   * Opens a folder, which need not exist.
   *
   * @param path The folder.
   * @param wanted What its targets must be of, if that matters.
   * @throws {RangeError} If they are of something else.
   * @throws {SyntaxError} If a file is damaged.
   */
  static open(path: string, wanted?: WantedTargets): TargetsFolder {
    const folder = new TargetsFolder(path);
    const there = readDescription(path);
    if (!there) return folder;
    if (wanted) checkDescription(path, there, wanted);
    folder.#use(there);
    return folder;
  }

  /** Its description, once it has begun. */
  get description(): TargetsDescription | undefined {
    return this.#opened?.description;
  }

  /** How many rows it holds. */
  get rows(): number {
    return this.#files.size;
  }

  /** Whether it holds a row. */
  has(row: Row): boolean {
    return this.#files.has(hashOf(row));
  }

  /**
   * Reads the answers of rows that it holds, in their order.
   *
   * @throws {SyntaxError} If a file is damaged; the message names it.
   */
  read(rows: readonly Row[]): SparseAnswer {
    const { description: { topK, bits }, numbering, format } = this.#opened!;
    return joinAnswers(rows.map((row) => {
      const path = this.#files.get(hashOf(row))!;
      const bytes = readRowFile(path, { ...format, row: hashOf(row) });
      try {
        return unpackAnswer(bytes, { numbering, bits, topK, labels: labelsOf(row) });
      } catch (cause) {
        throw useless(path, `the row ${hashOf(row)} cannot be unpacked: ${(cause as Error).message}`);
      }
    }));
  }

  /**
   * Writes the answers of rows.
   *
   * @param rows The rows.
   * @param answer Their answer, in their order.
   * @param begin What the folder is of, if it begins with these rows.
   */
  async write(
    rows: readonly Row[],
    answer: SparseAnswer,
    begin: WantedTargets & Pick<TargetsDescription, "name" | "contextLength">,
  ): Promise<void> {
    if (!this.#opened) {
      const description = { format: 1 as const, ...begin, frequent: byFrequency(answer.ids) };
      const there = await beginTargets(this.path, description);
      checkDescription(this.path, there, begin);
      this.#use(there);
    }
    const { description: { bits, topK }, numbering, format } = this.#opened!;
    let start = 0;
    const packed = rows.map((row) => {
      const labels = labelsOf(row);
      const own = sliceAnswer(answer, { start, size: labels.length });
      start += labels.length;
      const bytes = packAnswer(own, { numbering, bits, labels });
      this.written.nats += labels.length *
        packingError(own, unpackAnswer(bytes, { numbering, bits, topK, labels }), labels);
      return { row: hashOf(row), bytes };
    });
    const name = hashed(packed.map(({ row }) => row).join());
    const path = join(this.path, `${name}.targets`);
    writeRowFile(path, { ...format, rows: packed });
    this.written.tokens += keptTokens(rows);
    this.written.bytes += Deno.statSync(path).size;
    for (const { row } of packed) this.#files.set(row, path);
  }

  #use(description: TargetsDescription): void {
    const { frequent, vocabularySize, bits, topK } = description;
    let numbering: Numbering;
    try {
      numbering = numberingOf(frequent, vocabularySize);
    } catch (cause) {
      throw new SyntaxError(`Cannot use the targets in ${this.path}: in targets.json, ${(cause as Error).message}`);
    }
    const format = { teacher: hashed(JSON.stringify(description)), type: `${topK} tokens in ${bits} bits` };
    this.#opened = { description, numbering, format };
    for (const { name } of Deno.readDirSync(this.path)) {
      if (!name.endsWith(".targets")) continue;
      const path = join(this.path, name);
      for (const { row } of readRowFileHeader(path, format).rows) this.#files.set(row, path);
    }
  }
}

const hashed = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);
const hashOf = (row: Row): string => hashed(rowKey(row));
const labelsOf = ({ ids, promptLength }: Row): Int32Array => Int32Array.from(ids.slice(promptLength));
