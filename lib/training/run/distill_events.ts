/**
 * The events of a run.
 *
 * @module
 */
import type { Row } from "../../batches/row.ts";
import type { RowSource } from "../policy/data_policy.ts";
import type { StepResult } from "../step/trainer.ts";

/**
 * What happens in a run, by `type`. `step` counts the steps taken by then.
 *
 * - `start` comes first, when everything has been checked; a new run has written nothing before it.
 *   `metricsOffset` is what `DistillOptions.metricsOffset` returned when the checkpoint was saved that
 *   the run resumes from; absent for a new run. `teacher` and `reference` are their names, where there are such.
 * - `step`: `metrics` is open: statistics of the replay buffer, values of schedules, measures of
 * `DistillOptions.measure`.
 * - `validation`: `averageValidLoss` is that of the averaged weights, where there are any.
 * - `sample`: rows with responses of the student.
 * - `checkpoint`: `best` says whether its validation loss is the lowest so far.
 * - `warning`: something that the run survives.
 * - `stopped` is the last of a run that was stopped.
 */
export type DistillEvent =
  | StartEvent
  | StepEvent
  | { type: "validation"; step: number; validLoss: number; averageValidLoss?: number }
  | { type: "sample"; step: number; samples: Row[] }
  | { type: "checkpoint"; step: number; path: string; best: boolean }
  | { type: "warning"; step: number; message: string }
  | { type: "stopped"; step: number; path?: string };

/** The run begins or resumes. */
export interface StartEvent {
  /** Which kind of event this is. */
  type: "start";
  /** Steps taken. */
  step: number;
  /** The total number of steps of the run. */
  totalSteps: number;
  /** What `DistillOptions.metricsOffset` returned when the checkpoint was saved; absent for a new run. */
  metricsOffset?: number;
  /** The teacher's name. */
  teacher?: string;
  /** The reference's name. */
  reference?: string;
}

/** A step was taken. */
export interface StepEvent extends StepResult {
  /** Which kind of event this is. */
  type: "step";
  /** Steps taken, this one included. */
  step: number;
  /** How many times all rows have been seen. */
  epoch: number;
  /** Who wrote the responses of the step's rows. */
  source: RowSource;
  /** Tokens of the step's rows, prompts included. */
  tokens: number;
  /** Its duration, data and generation included. */
  seconds: number;
  /** Further numbers, by name. */
  metrics?: Record<string, number>;
}
