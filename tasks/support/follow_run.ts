/**
 * A run being watched: progress drawn, metrics written, checkpoints reported.
 *
 * @module
 */
import { join } from "node:path";
import type { DistillEvent } from "../../lib/training/distill.ts";
import { onInterrupt } from "./interrupt.ts";
import { type JsonLines, openJsonLines } from "./json_lines.ts";
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
  /** Called when the run has begun, or gone on, for good. */
  begun?: () => Promise<void>;
  /** Turns tokens into text, for samples. */
  decode?: (ids: number[]) => string;
}

/** A line of `metrics.jsonl`. */
export type MetricsLine = Record<string, unknown> & {
  type: "step" | "validation" | "sample" | "warning";
  step: number;
};

/** What a run is started with. */
export interface RunHooks {
  /** Stops the run. */
  signal: AbortSignal;
  /** The bytes of the metrics so far, all of them on the disk. */
  metricsOffset: () => number;
}

/**
 * Runs to the end, or until Ctrl-C.
 *
 * @param start Starts the run.
 * @param options Folder, label and task.
 * @returns Whether the run came to its end.
 */
export async function followRun(
  start: (hooks: RunHooks) => AsyncIterable<DistillEvent>,
  options: FollowRunOptions,
): Promise<boolean> {
  const { folder, label, task, stopAfter, begun, decode = (ids) => ids.join(" ") } = options;
  let bar: Progress | undefined;
  let metrics: JsonLines | undefined;
  const announce = () => bar?.log("stopping after this step; once more to stop at once");
  using interrupt = onInterrupt({ announce });
  const stop = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, stop.signal]);
  const metricsOffset = () => {
    metrics?.flush();
    return metrics?.offset ?? 0;
  };
  try {
    for await (const event of start({ signal, metricsOffset })) {
      const { type, step } = event;
      if (type === "start") {
        await begun?.();
        metrics = openJsonLines(join(folder, "metrics.jsonl"), { keep: event.metricsOffset ?? 0 });
        bar = progress({ label, total: event.totalSteps, start: step });
        if (step > 0) bar.log(`going on after step ${step}`);
      } else if (type === "step") {
        metrics?.append({ ...event });
        bar?.update({ step, loss: event.loss, tokens: event.tokens });
        if (step === stopAfter) stop.abort();
      } else if (type === "validation") {
        metrics?.append({ ...event });
        const { validLoss, averageValidLoss: average } = event;
        const beside = average === undefined ? "" : `, of the averaged weights ${average.toFixed(4)}`;
        bar?.log(`step ${step}: validation loss ${validLoss.toFixed(4)}${beside}`);
      } else if (type === "sample") {
        const samples = event.samples.map(({ ids, promptLength }) => ({
          prompt: decode(ids.slice(0, promptLength)),
          response: decode(ids.slice(promptLength)),
        }));
        metrics?.append({ type, step, samples });
        for (const { prompt, response } of samples) bar?.log(`${JSON.stringify(prompt)} → ${JSON.stringify(response)}`);
      } else if (type === "warning") {
        metrics?.append({ ...event });
        bar?.log(`warning: ${event.message}`);
      } else if (type === "stopped") {
        bar?.done();
        const config = join(folder, "config.json");
        console.error(`Stopped after step ${step}. To go on: deno task ${task} --config ${config} --resume`);
        return false;
      }
    }
    bar?.done();
    return true;
  } finally {
    metrics?.close();
  }
}
