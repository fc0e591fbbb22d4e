/**
 * A run that is taken to its end and recorded.
 *
 * @module
 */
import { aFunction, checkArguments, checkList, optional } from "../arguments/check_arguments.ts";
import type { DistillEvent } from "../training/run/distill_events.ts";
import { GuardedRecorder } from "./guarded_recorder.ts";
import { withMachineMetrics } from "./machine_metrics.ts";
import type { Recorder, RunEnd } from "./recorder.ts";

/** What {@linkcode recordRun} hands to a run: `distill({ …, ...hooks })`. */
export interface RunHooks {
  /** Stops the run. */
  signal: AbortSignal;
  /** The offset that a checkpoint saves, of the first recorder that has one. */
  metricsOffset: () => number | undefined;
}

/** Options for {@linkcode recordRun}. */
export interface RecordRunOptions {
  /** Stops the run, which saves a checkpoint where it has a folder for them. */
  signal?: AbortSignal;
  /** The step after which the run is stopped as by `signal`; a resumed run must not have taken it yet. */
  stopAfter?: number;
  /** Called when the run has passed all its checks, before recorders are opened; what it throws ends the run. */
  begin?: (at: { step: number; totalSteps: number }) => void | Promise<void>;
  /** Called with each warning of a recorder, when it arises. */
  warn?: (message: string) => void;
}

/** The outcome of a recorded run. */
export interface RecordRunResult {
  /** Whether it reached its last step; false where it was stopped. */
  finished: boolean;
  /** The steps taken. */
  step: number;
  /** What went wrong with its recorders, each failure once. */
  warnings: string[];
}

/** A function that starts a run with the hooks of {@linkcode recordRun}. */
export type StartRun = (hooks: RunHooks) => AsyncIterable<DistillEvent>;

const aRun = {
  what: "a function that starts a run, as in (hooks) => distill({ …, ...hooks })",
  fits: aFunction.fits,
};
const aRecorder = {
  what: "a recorder, an object with name and event()",
  fits: (value: unknown) => typeof (value as Partial<Recorder> | null | undefined)?.event === "function",
};

/**
 * Takes a run to its end, or until it is stopped, and passes its events to recorders. Each step's metrics get speed and
 * memory beside its own: `tokensPerSecond`, `tensorBytes` and `residentBytes`.
 *
 * Records never block weights: a recorder that fails gets no further events, which is reported once, and the run goes on.
 *
 * @param start Starts the run with the hooks that stop it and that tie the records to its checkpoints.
 * @param recorders What writes the run down, called in this order.
 * @param options How it is stopped, and where warnings go.
 * @returns Whether it finished, and what went wrong with the recorders.
 * @throws {TypeError} If an argument is of another kind.
 * @throws {Error} If the run itself fails; the recorders are closed before.
 *
 * @example A run with its metrics in a file and for TensorBoard
 * ```ts
 * import assert from "node:assert/strict";
 * import { distill, initializeModel, useEngine } from "@amid/amid";
 * import { jsonLines, recordRun, tensorBoard } from "@amid/amid/runs";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const student = initializeModel(json, { seed: 1 });
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }];
 * const folder = await Deno.makeTempDir();
 * const { finished, warnings } = await recordRun(
 *   (hooks) => distill({ student, rows, batchSize: 1, totalSteps: 3, optimizer: { learningRate: 1e-2 }, ...hooks }),
 *   [jsonLines(`${folder}/metrics.jsonl`), tensorBoard(folder)],
 * );
 * assert(finished && warnings.length === 0);
 * const lines = (await Deno.readTextFile(`${folder}/metrics.jsonl`)).trim().split("\n").map((line) => JSON.parse(line));
 * assert.deepEqual(lines.map(({ step }) => step), [1, 2, 3]);
 * ```
 *
 * @example A tracker of one's own: the losses as CSV
 * ```ts
 * import assert from "node:assert/strict";
 * import { distill, initializeModel, useEngine } from "@amid/amid";
 * import { type Recorder, recordRun } from "@amid/amid/runs";
 *
 * await useEngine("wasm");
 * const path = await Deno.makeTempFile();
 * const csv: Recorder = {
 *   name: "losses.csv",
 *   open: () => Deno.writeTextFile(path, "step,loss\n"),
 *   async event(event) {
 *     if (event.type === "step") await Deno.writeTextFile(path, `${event.step},${event.loss}\n`, { append: true });
 *   },
 * };
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const student = initializeModel(json, { seed: 1 });
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }];
 * const options = { student, rows, batchSize: 1, totalSteps: 3, optimizer: { learningRate: 1e-2 } };
 * await recordRun((hooks) => distill({ ...options, ...hooks }), [csv], { stopAfter: 2 });
 * assert.match(await Deno.readTextFile(path), /^step,loss\n1,[\d.]+\n2,[\d.]+\n$/);
 * ```
 */
export async function recordRun(
  start: StartRun,
  recorders: readonly Recorder[],
  options: RecordRunOptions = {},
): Promise<RecordRunResult> {
  const { signal, stopAfter, begin, warn: report } = options;
  checkArguments("record a run", { start: [start, aRun], warn: [report, optional(aFunction)] });
  checkList("record a run", { recorders }, aRecorder);
  const warnings: string[] = [];
  const warn = (message: string) => {
    warnings.push(message);
    try {
      report?.(message);
    } catch {
      // The message stands in `warnings`; a run does not end because it could not be shown.
    }
  };
  const guarded = recorders.map((recorder) => new GuardedRecorder(recorder, warn));
  const keeper = recorders.findIndex((recorder) => "offset" in recorder);
  const metricsOffset = () => guarded[keeper]?.flushedOffset();
  const stop = new AbortController();
  const end: RunEnd = { status: "failed", step: 0 };
  try {
    for await (
      const event of start({ signal: AbortSignal.any([stop.signal, ...signal ? [signal] : []]), metricsOffset })
    ) {
      const { step } = event;
      end.step = step;
      if (event.type === "start") {
        const { totalSteps, teacher, reference } = event;
        checkStop(stopAfter, { step, totalSteps });
        await begin?.({ step, totalSteps });
        const saved = event.metricsOffset ?? (step === 0 ? 0 : undefined);
        for (const [place, recorder] of guarded.entries()) {
          await recorder.open({ step, totalSteps, teacher, reference, warn, ...place === keeper && { offset: saved } });
        }
        continue;
      }
      const whole = withMachineMetrics(event);
      for (const recorder of guarded) await recorder.event(whole);
      if (event.type === "step" && step === stopAfter) stop.abort();
      if (event.type === "stopped") {
        end.status = "stopped";
        break;
      }
    }
    if (end.status !== "stopped") end.status = "finished";
  } finally {
    for (const recorder of guarded) await recorder.close(end);
  }
  return { finished: end.status === "finished", step: end.step, warnings };
}

/** Refuses to stop a run after a step that it has taken already. */
function checkStop(stopAfter: number | undefined, { step, totalSteps }: { step: number; totalSteps: number }): void {
  if (stopAfter === undefined || stopAfter > step || step >= totalSteps) return;
  throw new RangeError(
    `Cannot stop the run after step ${stopAfter}: it resumes after step ${step}, the step must be later, current value ` +
      `is ${stopAfter}`,
  );
}
