/**
 * A run being watched: its records chosen, Ctrl-C obeyed, its folder kept.
 *
 * @module
 */
import { join } from "node:path";
import { jsonLines } from "../../lib/runs/json_lines.ts";
import { recordRun, type StartRun } from "../../lib/runs/record_run.ts";
import type { Recorder } from "../../lib/runs/recorder.ts";
import { sampleLine } from "../../lib/runs/samples.ts";
import { tensorBoard } from "../../lib/runs/tensor_board.ts";
import type { DistillEvent } from "../../lib/training/run/distill_events.ts";
import type { ClaimedFolder } from "./claimed_folder.ts";
import { onInterrupt } from "./interrupt.ts";
import { terminal, type TerminalOptions } from "./terminal.ts";

/** Options for {@linkcode followRun}. */
export interface FollowRunOptions extends TerminalOptions {
  /** The run's folder; it is kept from the first step on. */
  folder: ClaimedFolder;
  /** Whether the run is watched here: of several ranks one shows and records it. */
  watched: boolean;
  /** The step after which the run is stopped, as by Ctrl-C. */
  stopAfter?: number;
  /** Called when everything has been checked, before the run writes or takes a step. */
  begin: (at: { step: number; totalSteps: number }) => Promise<void>;
  /** Whether TensorBoard's event files are wanted. */
  tensorboard: boolean;
  /**
   * Stops the run, instead of Ctrl-C.
   *
   * @default {Ctrl-C}
   */
  signal?: AbortSignal;
}

/**
 * Runs to the end, or until Ctrl-C.
 *
 * @param start Starts the run.
 * @param options What is watched, and how it is stopped.
 * @returns Whether the run came to its end.
 */
export async function followRun(start: StartRun, options: FollowRunOptions): Promise<boolean> {
  const { folder, watched, stopAfter, begin } = options;
  const shown = terminal(options);
  const announce = () => void shown.log("stopping after this step; once more to stop at once");
  using interrupt = options.signal ? undefined : onInterrupt({ announce });
  const { finished } = await recordRun(
    (hooks) => keeping(folder, start(hooks)),
    watched ? recordersOf(options, shown) : [],
    {
      signal: options.signal ?? interrupt!.signal,
      stopAfter,
      begin: watched ? begin : undefined,
      warn: (message) => {
        const line = `warning: ${message}`;
        if (!shown.log(line)) console.error(line);
      },
    },
  );
  return finished;
}

/** What writes a run down, files first; a further tracker has its line here. */
function recordersOf({ folder, tensorboard, ...samples }: FollowRunOptions, shown: Recorder): Recorder[] {
  return [
    jsonLines(join(folder.path, "metrics.jsonl")),
    jsonLines(join(folder.path, "samples.jsonl"), { line: sampleLine(samples) }),
    ...tensorboard ? [tensorBoard(folder.path)] : [],
    shown,
  ];
}

/** Keeps the folder from the first step on. */
async function* keeping(folder: ClaimedFolder, run: AsyncIterable<DistillEvent>): AsyncGenerator<DistillEvent, void> {
  for await (const event of run) {
    if (event.type !== "start" && event.type !== "warning") folder.keep();
    yield event;
  }
}
