/**
 * What records a run: one interface over its events, for files, trackers and terminals alike.
 *
 * @module
 */
import type { DistillEvent } from "../training/run/distill_events.ts";

/** An event of a run after its start. */
export type RecordedEvent = Exclude<DistillEvent, { type: "start" }>;

/** Where a run begins or resumes. */
export interface RunStart {
  /** The steps taken before: 0 in a new run. A record's entries for later steps must be dropped. */
  step: number;
  /** The steps that the run is to have. */
  totalSteps: number;
  /** The teacher's name, if there is a teacher. */
  teacher?: string;
  /** The reference's name, if there is a reference. */
  reference?: string;
  /**
   * Of the one recorder whose offset the checkpoints keep: what {@linkcode Recorder.offset} was when the checkpoint was
   * saved, 0 in a new run. Absent for all others, and where the checkpoint holds none: go by `step` there.
   */
  offset?: number;
  /** Reports a problem that the recorder survives, such as a damaged file that it has repaired. */
  warn: (message: string) => void;
}

/** How a run ended. */
export interface RunEnd {
  /** `finished` at the last step, `stopped` by a signal or after a given step, `failed` where the run threw. */
  status: "finished" | "stopped" | "failed";
  /** The steps taken. */
  step: number;
}

/**
 * Records a run: to a file, a tracker, a terminal. Only `event` is required; {@linkcode recordRun} calls the others
 * where they are present. A call that throws, or rejects, ends the recorder and not the run.
 *
 * @example A recorder of the losses, in memory
 * ```ts
 * import type { Recorder } from "@amid/amid/runs";
 *
 * const losses: number[] = [];
 * const recorder: Recorder = {
 *   name: "the list of losses",
 *   event(event) {
 *     if (event.type === "step") losses.push(event.loss);
 *   },
 * };
 * ```
 */
export interface Recorder {
  /** What warnings call it, as in "metrics.jsonl". */
  readonly name: string;
  /** Called when the run has passed all its checks, before its first event. */
  open?(start: RunStart): void | Promise<void>;
  /** Called with each event, in their order; the run waits for it. */
  event(event: RecordedEvent): void | Promise<void>;
  /**
   * Bytes written so far. Of several recorders the first that has an offset is the one whose offset is saved in each
   * checkpoint and handed to `open` on resuming.
   */
  readonly offset?: number;
  /** Called before a checkpoint saves the offset: everything up to it must be on the disk. */
  flush?(): void;
  /** Called at the end of a run that called `open`, after failures too, of the recorder or of the run. */
  close?(end: RunEnd): void | Promise<void>;
}
