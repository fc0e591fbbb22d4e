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

/** What tells rows apart. */
export const rowKey = ({ ids, promptLength }: Row): string => `${promptLength}:${ids.join()}`;

/** Options for {@linkcode keptTeacherStates}. */
export interface KeptTeacherStatesOptions {
  /**
   * The rows that the teacher sees together with a row that is needed for the first time.
   *
   * @default {the others that are then needed for the first time}
   */
  groups?: (row: Row) => readonly Row[] | undefined;
}

/**
 * Computes a row's states once and keeps them in memory: `4 H′` bytes a response token. The teacher must not change.
 */
export function keptTeacherStates(teacher: LanguageModel, options: KeptTeacherStatesOptions = {}): TeacherStates {
  const { groups } = options;
  const fresh = freshTeacherStates(teacher);
  const kept = new Map<string, Float32Array>();
  const width = teacher.head.shape[1]!;
  const keep = (rows: readonly Row[]) => {
    const states = fresh.of(rows);
    const numbers = states.dataSync() as Float32Array;
    states.dispose();
    let at = 0;
    for (const row of rows) kept.set(rowKey(row), numbers.slice(at, at += keptTokens([row]) * width));
  };
  return {
    scoring: fresh.scoring,
    of(rows) {
      const unseen = rows.filter((row) => !kept.has(rowKey(row)));
      for (const row of unseen) if (!kept.has(rowKey(row))) keep(groups?.(row) ?? unseen);
      const numbers = new Float32Array(keptTokens(rows) * width);
      let at = 0;
      for (const row of rows) {
        const states = kept.get(rowKey(row))!;
        numbers.set(states, at);
        at += states.length;
      }
      return tf.tensor2d(numbers, [numbers.length / width, width]);
    },
    dispose: () => kept.clear(),
  };
}
