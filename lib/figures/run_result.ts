/**
 * What a run ends with, and the numbers drawn from it.
 *
 * @module
 */

/** Scores of answers, in points from 0 to 100. */
export interface AnswerScores {
  /** Mean ROUGE-L. */
  rougeL: number;
  /** Share of exact matches. */
  exactMatch: number;
}

/** Scores on one kind of row. */
export interface KindScores extends AnswerScores {
  /** How many rows there were. */
  count: number;
}

/** Scores of a model on held-out rows. */
export interface ModelScores extends AnswerScores {
  /** Mean next-token loss on the validation split, nats per token. */
  validLoss: number;
  /** The scores on each kind of row. */
  kinds: Record<string, KindScores>;
  /** Answers that reached the longest length without an end; absent in results of older versions. */
  unfinished?: number;
  /** How many answers there are. */
  answered?: number;
}

/** Scores of a teacher. One that is not a model of this process has only the loss, no answers. */
export interface TeacherScores extends Partial<ModelScores> {
  /** Mean next-token loss on the validation split, nats per token. */
  validLoss: number;
}

/** Scores of always giving one answer, the best there is. */
export interface ConstantScores extends AnswerScores {
  /** The scores on each kind of row, of the best constant answer to it. */
  kinds?: Record<string, AnswerScores>;
}

/** How a teacher was stored in few bits, and what that lost. */
export interface TeacherStorage {
  /** Which one, where there are several. */
  teacher?: string;
  /** The engine's storage, `int8` for instance. */
  precision: string;
  /** Its memory, as a share of that in float32. */
  share: number;
  /** The root mean square of its weights' differences from the full ones, over that of the full ones; absent if not measured. */
  roundingError?: number;
  /** The mean Kullback–Leibler divergence of the full teacher's next tokens from its own, in nats; absent if not measured. */
  divergence?: number;
  /** The tokens that the divergence is a mean over. */
  positions?: number;
}

/** `result.json` of a run. */
export interface RunResult {
  /** The engine's name. */
  engine: string;
  /** The version of the library that computed. */
  version?: string;
  /** The device that it computed on. */
  device?: string;
  /** How it stored and multiplied numbers. */
  precision?: string;
  /** How long the run took. */
  seconds: number;
  /** The teacher's scores. */
  teacher: TeacherScores;
  /** How the teacher was stored, where in few bits or as in its file; several of them as a list. */
  teacherStorage?: TeacherStorage | readonly TeacherStorage[];
  /** What the teacher says of the validation rows: the shares of tokens that are aligned, where it has others. */
  teacherMeasures?: Readonly<Record<string, number>>;
  /** How many times requests to the teacher were tried again, if any were. */
  teacherRetries?: number;
  /** The student before the run. */
  start: ModelScores;
  /** The student after it. */
  student: ModelScores;
  /** The scores of constant answers. */
  constant: ConstantScores;
}

/** What a run gained. */
export interface RunGains {
  /**
   * Share of the gap in validation loss between start and teacher that was closed, 1 for all of it; undefined if the
   * teacher is no better than the start.
   */
  gapClosed?: number;
  /** Points of ROUGE-L that the student gained on its start. */
  rougeLGained: number;
  /** Points of ROUGE-L by which the student stands above constant answers. */
  aboveConstant: number;
}

/**
 * Computes what a run gained: `(start − student) / (start − teacher)` in validation loss, and differences of ROUGE-L.
 *
 * @param result The run's result.
 * @returns The gains.
 *
 * @example Half of the gap
 * ```ts
 * import assert from "node:assert/strict";
 * import { type ModelScores, runGains } from "@amid/amid/figures";
 *
 * const scores = (validLoss: number, rougeL: number): ModelScores => ({ validLoss, rougeL, exactMatch: 0, kinds: {} });
 * const gains = runGains({
 *   engine: "wasm",
 *   seconds: 170,
 *   teacher: scores(3, 40),
 *   start: scores(5, 20),
 *   student: scores(4, 30),
 *   constant: { rougeL: 24, exactMatch: 0 },
 * });
 * assert.deepEqual(gains, { gapClosed: 0.5, rougeLGained: 10, aboveConstant: 6 });
 * ```
 */
export function runGains({ teacher, start, student, constant }: RunResult): RunGains {
  return {
    gapClosed: gapClosedOf({ teacher, start, student }),
    rougeLGained: student.rougeL - start.rougeL,
    aboveConstant: student.rougeL - constant.rougeL,
  };
}

/** `(start − student) / (start − teacher)` in validation loss; undefined if the teacher is no better than the start. */
export function gapClosedOf(
  { teacher, start, student }: Record<"teacher" | "start" | "student", Pick<ModelScores, "validLoss">>,
): number | undefined {
  const gap = start.validLoss - teacher.validLoss;
  return gap > 0 ? (start.validLoss - student.validLoss) / gap : undefined;
}
