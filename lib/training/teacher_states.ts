/**
 * The teacher's last states, and their keeping over the epochs.
 *
 * Shapes: `N` kept tokens, `H′` hidden width of the teacher.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../datasets/row.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { memoryStore, type StateStore } from "./state_store.ts";
import { keptTokens, trainingBatch } from "./training_batch.ts";

/** Where a step's teacher states come from. */
export interface TeacherStates {
  /** What makes logits of the states: the teacher's head without padding, float32 `[V, H′]`, and its cap. */
  scoring(): { head: tf.Tensor2D; softCap?: number };
  /** The states where the rows' response tokens are predicted, in the order of the rows; the caller frees them. */
  of(rows: readonly Row[]): tf.Tensor2D;
  /** Frees what is kept. The teacher stays. */
  dispose(): void;
}

/** Computes states anew each time. */
export function freshTeacherStates(teacher: LanguageModel): TeacherStates {
  return {
    scoring: () => ({ head: teacher.cutHead(), softCap: teacher.config.logitSoftCap }),
    of(rows) {
      const { tokens, keep } = trainingBatch(rows);
      return teacher.states(tokens, { keep });
    },
    dispose() {},
  };
}

/** Options for {@linkcode keptTeacherStates}. */
export interface KeptTeacherStatesOptions {
  /**
   * The rows that the teacher sees together with a row that is needed for the first time.
   *
   * @default {the others that are then needed for the first time}
   */
  groups?: (row: Row) => readonly Row[] | undefined;
  /**
   * Where states are kept.
   *
   * @default {memory}
   */
  store?: StateStore;
}

/**
 * Computes a row's states once and keeps them: `4 H′` bytes a response token in float32. The teacher must not change.
 *
 * What is given is always what was kept, the first time too, so that it does not matter when a row was first seen.
 */
export function keptTeacherStates(teacher: LanguageModel, options: KeptTeacherStatesOptions = {}): TeacherStates {
  const { groups = () => undefined, store = memoryStore() } = options;
  const fresh = freshTeacherStates(teacher);
  const width = teacher.head.shape[1]!;
  return {
    scoring: fresh.scoring,
    of(rows) {
      const placed = rows.map((row) => ({ row, group: groups(row) }));
      const unseen = placed.filter(({ row, group }) => !store.has(row, group ?? [row])).map(({ row }) => row);
      for (const { row, group } of placed) {
        const company = group ?? unseen;
        if (store.has(row, company)) continue;
        const states = fresh.of(company);
        const numbers = states.dataSync() as Float32Array<ArrayBuffer>;
        states.dispose();
        store.write(company, numbers);
      }
      const numbers = new Float32Array(keptTokens(rows) * width);
      let at = 0;
      for (const { row, group } of placed) {
        const states = store.read(row, group ?? [row]);
        numbers.set(states, at);
        at += states.length;
      }
      return tf.tensor2d(numbers, [numbers.length / width, width]);
    },
    dispose: () => store.dispose(),
  };
}
