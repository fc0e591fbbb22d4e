/**
 * How a task has a run written down: its records chosen, Ctrl-C obeyed, its folder kept.
 *
 * @module
 */
import { join } from "node:path";
import { jsonLines } from "../../lib/runs/json_lines.ts";
import type { Recorder } from "../../lib/runs/recorder.ts";
import { sampleLine } from "../../lib/runs/samples.ts";
import { type TrackerName, trackers } from "../../lib/runs/trackers.ts";
import type { RunRecording } from "../../lib/runs/train_run.ts";
import type { ClaimedFolder } from "./claimed_folder.ts";
import { onInterrupt } from "./interrupt.ts";
import { terminal, type TerminalOptions } from "./terminal.ts";

/** Options for {@linkcode runRecording}. */
export interface RunRecordingOptions
  extends TerminalOptions, Pick<RunRecording, "weights" | "save" | "begin" | "stopAfter"> {
  /** The run's folder; it is kept from the first step on. */
  folder: ClaimedFolder;
  /** The trackers that are needed beside the run's own files. */
  tracked: readonly TrackerName[];
  /**
   * Stops the run, instead of Ctrl-C.
   *
   * @default {Ctrl-C}
   */
  signal?: AbortSignal;
}

/** Where a run is written, and by what, until it is disposed of: Ctrl-C then stops the program again. */
export type WatchedRecording = RunRecording & Disposable;

/**
 * Has a run written into its folder and shown on the terminal, and lets Ctrl-C stop it.
 *
 * @param options What is watched, and how it is stopped.
 */
export function runRecording(options: RunRecordingOptions): WatchedRecording {
  const { folder, weights, save, begin, stopAfter } = options;
  const shown = terminal(options);
  const announce = () => {
    if (!shown.log("stopping after this step; press again to stop immediately")) {
      console.error("stopping before the first step; press again to stop immediately");
    }
  };
  const interrupt = options.signal ? undefined : onInterrupt({ announce });
  return {
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
    [Symbol.dispose]: () => interrupt?.[Symbol.dispose](),
  };
}

/** What writes a run down, files first. */
function recordersOf({ folder, tracked, ...samples }: RunRecordingOptions, shown: Recorder): Recorder[] {
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
