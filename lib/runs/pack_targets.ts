/**
 * A teacher's sparse answers about all rows of a run, packed into a folder that then teaches without it.
 *
 * @module
 */
import { aRow, aTeacher, aText, checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import { checkRow, type Row } from "../batches/row.ts";
import { keptTokens, trainingBatch } from "../batches/training_batch.ts";
import { keptTargets } from "../teachers/targets/kept_targets.ts";
import type { PackedAmount } from "../teachers/targets/targets_folder.ts";
import { teacherBatch } from "../teachers/teacher_rows.ts";
import type { Teacher } from "../teachers/teacher.ts";

/** Options for {@linkcode packTargets}. */
export interface PackTargetsOptions {
  /** The folder, which several processes may fill at the same time. */
  folder: string;
  /**
   * Bits of a packed log-probability, 4 to 16.
   *
   * @default {7}
   */
  bits?: number;
  /**
   * Rows per request to the teacher.
   *
   * @default {32}
   */
  batchSize?: number;
  /** Stops the work after a batch; what is packed is kept, and the same call continues. */
  signal?: AbortSignal;
  /** Called after each batch with the number of rows that are packed, and of all rows. */
  onProgress?: (done: number, total: number) => void;
}

/** What a folder holds after {@linkcode packTargets}. */
export interface PackedTargets {
  /** Rows that the folder holds of those that were given: all of them, unless the signal stopped the work. */
  rows: number;
  /** Response tokens of all rows that were given. */
  tokens: number;
  /** What this call has packed; rows that the folder held before do not count. */
  written: PackedAmount;
}

/**
 * Asks a teacher about rows batch by batch, and packs its answers. Rows that the folder holds are not asked about again.
 * `targetsFrom(folder)` is then a teacher for these rows.
 *
 * @param teacher A teacher that answers sparsely, as `sparse()` makes it of any other.
 * @param rows The rows that a run learns from and validates on.
 * @param options The folder, and how answers are packed.
 * @returns What the folder holds.
 * @throws {TypeError} If the teacher has whole distributions.
 * @throws {RangeError} If a row has no prompt or no response, a number is out of range, or the folder holds targets of
 * another teacher or of other settings.
 *
 * @example A teacher's answers to one row, and a run that learns from them
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, objective, Trainer, useEngine } from "@amid/amid";
 * import { packTargets } from "@amid/amid/runs";
 * import { sparse, targetsFrom } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, model] = [1, 2].map((seed) => initializeModel(json, { seed }));
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }];
 * const folder = await Deno.makeTempDir();
 * const packed = await packTargets(sparse(model, { topK: 4 }), rows, { folder });
 * assert.deepEqual([packed.rows, packed.tokens, packed.written.tokens], [1, 2, 2]);
 *
 * const options = { totalSteps: 1, optimizer: { learningRate: 1e-2 } };
 * const trainer = new Trainer({ student, teacher: targetsFrom(folder), objective: objective("forward-kl"), ...options });
 * assert((await trainer.step(rows)).loss > 0);
 * ```
 */
export async function packTargets(
  teacher: Teacher & { readonly topK: number },
  rows: readonly Row[],
  options: PackTargetsOptions,
): Promise<PackedTargets> {
  checkArguments("pack targets", { teacher: [teacher, aTeacher], options: [options, objectWith("folder")] });
  checkList("pack targets", { rows }, aRow);
  const { folder, bits, batchSize = 32, signal, onProgress } = options;
  checkArguments("pack targets", { folder: [folder, aText] });
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(
      `Cannot pack targets: batchSize must be a whole number of at least 1, current value is ${batchSize}`,
    );
  }
  rows.forEach(checkRow);
  const kept = keptTargets(teacher, { folder, bits });
  let done = 0;
  while (done < rows.length && !signal?.aborted) {
    const batch = rows.slice(done, done + batchSize);
    (await kept.prepare(teacherBatch(kept, { rows: batch, recurring: true, ...trainingBatch(batch) }))).dispose();
    done += batch.length;
    onProgress?.(done, rows.length);
    await new Promise((resolve) => setTimeout(resolve, 0)); // signals have their turn
  }
  return { rows: done, tokens: keptTokens(rows), written: kept.written };
}
