/**
 * A run being watched: progress drawn, metrics written, checkpoints reported.
 *
 * @module
 */
import { join } from "node:path";
import type { DistillEvent } from "../../lib/training/distill.ts";
import { onInterrupt } from "./interrupt.ts";
import { openJsonLines } from "./json_lines.ts";
import { type Progress, progress } from "./progress.ts";

/** Options for {@linkcode followRun}. */
export interface FollowRunOptions {
  /** The run's folder. */
  folder: string;
  /** What the progress bar calls the run. */
  label: string;
  /** The task that goes on with the run: `distill`, `sft`. */
  task: string;
  /** The step after which the run is stopped, as if by Ctrl-C; none where it is absent. */
  stopAfter?: number;
}

/** A line of `metrics.jsonl`. */
export type MetricsLine = Record<string, unknown> & { type: "step" | "validation"; step: number };

/**
 * Runs to the end, or until Ctrl-C.
 *
 * @param start Starts the run; the signal stops it.
 * @param options Folder, label and task.
 * @returns Whether the run came to its end.
 */
export async function followRun(
  start: (signal: AbortSignal) => AsyncIterable<DistillEvent>,
  { folder, label, task, stopAfter }: FollowRunOptions,
): Promise<boolean> {
  const file = join(folder, "metrics.jsonl");
  let bar: Progress | undefined;
  let metrics: ReturnType<typeof openJsonLines> | undefined;
  const announce = () => bar?.log("stopping after this step; once more to stop at once");
  using interrupt = onInterrupt({ announce });
  const stop = new AbortController();
  try {
    for await (const event of start(AbortSignal.any([interrupt.signal, stop.signal]))) {
      const { type, step, ...rest } = event;
      if (type === "start") {
        metrics = openJsonLines(file, { keep: await bytesUpTo(file, step) });
        bar = progress({ label, total: event.totalSteps, start: step });
        if (step > 0) bar.log(`going on after step ${step}`);
      } else if (type === "step") {
        metrics?.append({ type, step, ...rest });
        bar?.update({ step, loss: event.loss, tokens: event.tokens });
        if (step === stopAfter) stop.abort();
      } else if (type === "validation") {
        metrics?.append({ type, step, ...rest });
        bar?.log(`step ${step}: validation loss ${event.validLoss.toFixed(4)}`);
      } else if (type === "stopped") {
        bar?.done();
        console.error(
          `Stopped after step ${step}. To go on: deno task ${task} --config ${join(folder, "config.json")} --resume`,
        );
        return false;
      }
    }
    bar?.done();
    return true;
  } finally {
    metrics?.close();
  }
}

/** The bytes of the metrics that a run at this step has behind it; what was written after its checkpoint is cut off. */
async function bytesUpTo(file: string, step: number): Promise<number> {
  if (step === 0) return 0;
  const text = await Deno.readTextFile(file);
  let end = 0;
  for (let next = text.indexOf("\n"); next >= 0; next = text.indexOf("\n", end)) {
    if ((JSON.parse(text.slice(end, next)) as MetricsLine).step > step) break;
    end = next + 1;
  }
  return end; // the metrics are ASCII, so that characters are bytes
}
