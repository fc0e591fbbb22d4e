/**
 * What a teacher loses that is stored in few bits, on rows of its run.
 *
 * @module
 */
import { aModel, aRow, aText, checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import type { Row } from "../batches/row.ts";
import type { TeacherStorage } from "../figures/run_result.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { loadModel } from "../models/load_model.ts";
import { storageDifference } from "../models/storage_difference.ts";
import { availableMemory as memoryOfMachine } from "../training/memory/available_memory.ts";

/** Rows that both are compared on, and the tokens of each. */
const ROWS = 4, TOKENS = 128;

/** Options for {@linkcode teacherStorage}. */
export interface TeacherStorageOptions {
  /** The folder, file or repository that the teacher is loaded from. */
  path: string;
  /**
   * The folder of its adapters.
   *
   * @default {none}
   */
  adapter?: string;
  /** The run's rows. */
  rows: readonly Row[];
  /**
   * Bytes of memory that are available, of which the full teacher may take half; undefined if unknown.
   *
   * @default {availableMemory()}
   */
  availableMemory?: number;
}

/**
 * Compares a teacher in few bits with the full one, which is loaded beside it and freed again.
 *
 * @param teacher The teacher, as the run holds it.
 * @param options Where it is loaded from, and the run's rows.
 * @returns How it is stored, for the report of `trainRun()`. The losses are 0 where it holds the file's own blocks, and
 * absent where the memory does not suffice for the full teacher; undefined for a teacher in floats.
 *
 * @example A teacher in floats loses nothing
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, useEngine } from "@amid/amid";
 * import { teacherStorage } from "@amid/amid/runs";
 *
 * await useEngine("wasm");
 * const path = "data/teacher";
 * const rows = [{ ids: [1, 2, 3], promptLength: 1 }];
 * assert.equal(await teacherStorage(await loadModel(path), { path, rows }), undefined);
 * ```
 */
export async function teacherStorage(
  teacher: LanguageModel,
  options: TeacherStorageOptions,
): Promise<TeacherStorage | undefined> {
  const deed = "measure a teacher's storage";
  checkArguments(deed, { teacher: [teacher, aModel], options: [options, objectWith("path", "rows")] });
  const { path, adapter, rows, availableMemory = memoryOfMachine() } = options;
  checkArguments(deed, { path: [path, aText] });
  checkList(deed, { rows }, aRow);
  const { precision, packedBytes, parameterCount, vocabularySize } = teacher;
  if (packedBytes === undefined) return undefined;
  const needed = 4 * parameterCount;
  const stored = { precision, share: packedBytes / needed };
  if (precision === "stored") return { ...stored, roundingError: 0, divergence: 0 };
  if (availableMemory !== undefined && needed > availableMemory / 2) return stored;
  const full = await loadModel(path, { adapter, vocabularySize });
  try {
    const ids = rows.slice(0, ROWS).map(({ ids }) => [...ids.slice(0, TOKENS)]);
    return { ...stored, ...await storageDifference(full, teacher, { rows: ids }) };
  } finally {
    full.dispose();
  }
}
