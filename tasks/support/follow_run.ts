/**
 * A run being watched: progress drawn, metrics written, checkpoints reported.
 *
 * @module
 */
import type { DistillEvent } from "../../lib/training/run/distill.ts";
import { isEnded } from "../../lib/models/generation/end_tokens.ts";
import type { ClaimedFolder } from "./claimed_folder.ts";
import { onInterrupt } from "./interrupt.ts";
import { type Progress, progress } from "./progress.ts";
import { openRunRecords, type RunRecords } from "./run_records.ts";

export type { MetricsLine } from "./run_records.ts";

/** Options for {@linkcode followRun}. */
export interface FollowRunOptions {
  /** The run's folder; it is kept from the first step on. */
  folder: ClaimedFolder;
  /** What the progress bar calls the run. */
  label: string;
  /** What is said of how to go on with a run that was stopped. */
  hint: string;
  /**
   * Whether the run is watched here: of several ranks one draws and records.
   *
   * @default {true}
   */
  watched?: boolean;
  /** The step after which the run is stopped, as if by Ctrl-C; none where it is absent. */
  stopAfter?: number;
  /** Called when everything has been checked, before the run writes or takes a step. */
  begin?: (at: { step: number; totalSteps: number }) => Promise<void>;
  /** Turns tokens into text, for samples. */
  decode?: (ids: number[]) => string;
  /**
   * The tokens that end an answer; samples are shown without them.
   *
   * @default {none}
   */
  endTokens?: readonly number[];
  /**
   * Whether TensorBoard's event files are wanted.
   *
   * @default {false}
   */
  tensorboard?: boolean;
  /**
   * Stops the run, instead of Ctrl-C, which the caller then hears.
   *
   * @default {Ctrl-C}
   */
  signal?: AbortSignal;
}

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
  const {
    folder,
    label,
    hint,
    stopAfter,
    begin,
    decode = (ids) => ids.join(" "),
    endTokens = [],
    tensorboard = false,
    watched = true,
  } = options;
  let bar: Progress | undefined;
  let records: RunRecords | undefined;
  const announce = () => bar?.log("stopping after this step; once more to stop at once");
  using interrupt = options.signal ? undefined : onInterrupt({ announce });
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal ?? interrupt!.signal, stop.signal]);
  const metricsOffset = () => records?.metricsOffset() ?? 0;
  try {
    for await (const event of start({ signal, metricsOffset })) {
      const { type, step } = event;
      if (type !== "start" && type !== "warning") folder.keep();
      if (!watched) {
        if (type === "step" && step === stopAfter) stop.abort();
        if (type === "stopped") return false;
        continue;
      }
      if (type === "start") {
        await begin?.(event);
        const { metricsOffset = 0 } = event;
        const warn = (text: string) => bar ? bar.log(`warning: ${text}`) : console.error(`warning: ${text}`);
        records = await openRunRecords(folder.path, { step, metricsOffset, tensorboard, warn });
        bar = progress({ label, total: event.totalSteps, start: step });
        if (step > 0) bar.log(`going on after step ${step}`);
      } else if (type === "step") {
        records?.add(event);
        bar?.update({ step, loss: event.loss, tokens: event.tokens });
        if (step === stopAfter) stop.abort();
      } else if (type === "validation") {
        records?.add(event);
        const { validLoss, averageValidLoss: average } = event;
        const beside = average === undefined ? "" : `, of the averaged weights ${average.toFixed(4)}`;
        bar?.log(`step ${step}: validation loss ${validLoss.toFixed(4)}${beside}`);
      } else if (type === "sample") {
        const samples = event.samples.map(({ ids, promptLength }) => ({
          prompt: decode(ids.slice(0, promptLength)),
          response: decode(ids.slice(promptLength).filter((id) => !endTokens.includes(id))),
          ended: isEnded(ids.slice(promptLength), endTokens),
        }));
        records?.addSamples(step, samples);
        for (const { prompt, response, ended } of samples) {
          bar?.log(`  … ${tailOf(prompt)} → ${JSON.stringify(response)}${ended ? "" : " (cut, no end)"}`);
        }
      } else if (type === "warning") {
        records?.add(event);
        bar?.log(`warning: ${event.message}`);
      } else if (type === "stopped") {
        bar?.done();
        console.error(`Stopped after step ${step}. To go on: ${hint}`);
        return false;
      }
    }
    bar?.done();
    return true;
  } finally {
    records?.close();
  }
}

/** The end of a prompt, on one line. */
const tailOf = (prompt: string): string => JSON.stringify(prompt.replace(/\s+/g, " ").trim().slice(-60));
