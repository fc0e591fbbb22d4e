/**
 * A run being watched: its records chosen, Ctrl-C obeyed, its folder kept.
 *
 * @module
 */
import { join } from "node:path";
import { jsonLines } from "../../lib/runs/json_lines.ts";
import type { Recorder } from "../../lib/runs/recorder.ts";
import { sampleLine } from "../../lib/runs/samples.ts";
import { type TrackerName, trackers } from "../../lib/runs/trackers.ts";
import { type RunRecording, trainRun, type TrainRunOptions, type TrainRunResult } from "../../lib/runs/train_run.ts";
import type { ClaimedFolder } from "./claimed_folder.ts";
import { onInterrupt } from "./interrupt.ts";
import { terminal, type TerminalOptions } from "./terminal.ts";

/** Options for {@linkcode followRun}. */
export interface FollowRunOptions
  extends TerminalOptions, Pick<RunRecording, "weights" | "save" | "begin" | "stopAfter"> {
  /** The run's folder; it is kept from the first step on. */
  folder: ClaimedFolder;
  /** The trackers that are wanted beside the run's own files. */
  tracked: readonly TrackerName[];
  /**
   * Stops the run, instead of Ctrl-C.
   *
   * @default {Ctrl-C}
   */
  signal?: AbortSignal;
}

/**
 * Runs to the end, the weights saved, or until Ctrl-C.
 *
 * @param run What is trained.
 * @param options What is watched, and how it is stopped.
 * @returns Whether the run reached its last step, and its result.
 */
export async function followRun(
  run: Omit<TrainRunOptions, "recording">,
  options: FollowRunOptions,
): Promise<TrainRunResult> {
  const { folder, weights, save, begin, stopAfter } = options;
  const shown = terminal(options);
  const announce = () => {
    if (!shown.log("stopping after this step; press again to stop immediately")) {
      console.error("stopping before the first step; press again to stop immediately");
    }
  };
  using interrupt = options.signal ? undefined : onInterrupt({ announce });
  const recording = {
    folder: folder.path,
    weights,
    save,
    begin,
    stopAfter,
    recorders: recordersOf(options, shown),
    signal: options.signal ?? interrupt!.signal,
    warn(message: string) {
      const line = `warning: ${message}`;
      if (!shown.log(line)) console.error(line);
    },
  };
  return await trainRun({ ...run, recording });
}

/** What writes a run down, files first. */
function recordersOf({ folder, tracked, ...samples }: FollowRunOptions, shown: Recorder): Recorder[] {
  return [
    keeper(folder),
    jsonLines(join(folder.path, "metrics.jsonl")),
    jsonLines(join(folder.path, "samples.jsonl"), { line: sampleLine(samples) }),
    ...tracked.map((name) => trackers[name].recorder(folder.path)),
    shown,
  ];
}

/** Keeps the folder from the first step on. */
const keeper = (folder: ClaimedFolder): Recorder => ({
  name: "the folder",
  event({ type }) {
    if (type !== "warning") folder.keep();
  },
});
