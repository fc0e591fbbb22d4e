/**
 * The trackers that can record a run in addition to its own files, by name; the flag of each is made from this list.
 *
 * @module
 */
import type { Recorder } from "./recorder.ts";
import { tensorBoard } from "./tensor_board.ts";

/** A tracker. */
export interface Tracker {
  /** What it does, for the help of tasks. */
  about: string;
  /** Makes the recorder of a run in this folder. */
  recorder: (folder: string) => Recorder;
}

/** All of them. */
export const trackers = {
  tensorboard: { about: "write the metrics as TensorBoard event files too", recorder: tensorBoard },
} satisfies Record<string, Tracker>;

/** The name of a tracker. */
export type TrackerName = keyof typeof trackers;

/** The names, in their order. */
export const trackerNames = Object.keys(trackers) as TrackerName[];
