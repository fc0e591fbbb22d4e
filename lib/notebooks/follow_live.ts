/**
 * A run that one watches in a notebook.
 *
 * @module
 */
import { checkArguments } from "../arguments/check_arguments.ts";
import type { TrainingRun } from "../figures/training_run.ts";
import type { RunEnd } from "../runs/recorder.ts";
import type { DistillEvent } from "../training/run/distill_events.ts";
import { livePlot, type LivePlotOptions } from "./live_plot.ts";

const aRun = {
  what: "a run, as distill() returns it",
  fits: (value: unknown) => typeof (value as AsyncIterable<unknown> | undefined)?.[Symbol.asyncIterator] === "function",
};

/**
 * Runs a run to its end while drawing it by {@linkcode livePlot}.
 *
 * @param run The events of `distill()`.
 * @param options The teacher's level.
 * @returns All that was drawn.
 * @throws {RangeError} If the run does not begin with its number of steps.
 *
 * @example In a cell
 * ```ts ignore
 * await followLive(distill({ student, teacher, … }));
 * ```
 */
export async function followLive(
  run: AsyncIterable<DistillEvent>,
  options: LivePlotOptions = {},
): Promise<TrainingRun> {
  checkArguments("follow a run", { run: [run, aRun] });
  const plot = livePlot(options);
  const end: RunEnd = { status: "finished", step: 0 };
  for await (const event of run) {
    end.step = event.step;
    if (event.type === "start") await plot.open!({ ...event, warn: console.warn });
    else if (plot.seen) await plot.event(event);
    else throw new RangeError(`Cannot follow the run: it must start with the event start, its first is ${event.type}`);
  }
  if (!plot.seen) throw new RangeError("Cannot follow the run: it must start with the event start, there was none");
  await plot.close!(end);
  return plot.seen;
}
