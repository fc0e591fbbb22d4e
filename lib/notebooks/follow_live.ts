/**
 * A run that one watches in a notebook.
 *
 * @module
 */
import { checkArguments } from "../arguments/check_arguments.ts";
import type { PlotSpecification } from "../figures/specification.ts";
import { type TrainingRun, trainingRunFigure } from "../figures/training_run.ts";
import type { LiveFigure } from "./figure_display.ts";
import { liveFigure } from "./show.ts";

/** The events of a run that are drawn; others are ignored. */
export interface RunEvent {
  /** `start`, `step`, `validation` or anything else. */
  type: string;
  /** Steps taken. */
  step: number;
  /** Of `start`: the steps there will be. */
  totalSteps?: number;
  /** Of `step`. */
  loss?: number;
  /** Of `validation`. */
  validLoss?: number;
  /** Of `step`: further numbers, among them the gaps. */
  metrics?: Record<string, number>;
}

const aRun = {
  what: "a run, as distill() gives it",
  fits: (value: unknown) => typeof (value as AsyncIterable<unknown> | undefined)?.[Symbol.asyncIterator] === "function",
};

/** Options for {@linkcode followLive}. */
export interface FollowLiveOptions {
  /** The teacher's validation loss, drawn as a level. */
  teacherValidLoss?: number;
  /**
   * Opens the live figure.
   *
   * @default {the notebook's}
   */
  open?: (figure: PlotSpecification) => Promise<LiveFigure>;
}

/** The measures of the gap that are drawn, and their formulas. */
const formulas: Record<string, string> = {
  klTeacherStudent: "<i>D</i>(<i>p</i>‖<i>q</i>)",
  klTeacherAssistant: "<i>D</i>(<i>p</i>‖<i>r</i>)",
  klAssistantStudent: "<i>D</i>(<i>r</i>‖<i>q</i>)",
};

/**
 * Lets a run go on to its end and draws it meanwhile: loss, validation loss, and gaps where the run measures them.
 *
 * @param run The events of `distill()`, or others of that form.
 * @param options The teacher's level.
 * @returns All that was drawn.
 * @throws {RangeError} If the run does not begin with its number of steps.
 *
 * @example In a cell
 * ```ts ignore
 * await followLive(distill({ student, teacher, … }));
 * ```
 */
export async function followLive(run: AsyncIterable<RunEvent>, options: FollowLiveOptions = {}): Promise<TrainingRun> {
  checkArguments("follow a run", { run: [run, aRun] });
  const { teacherValidLoss, open = liveFigure } = options;
  let seen: TrainingRun | undefined;
  let live: LiveFigure | undefined;
  for await (const event of run) {
    if (event.type === "start") {
      seen = { totalSteps: event.totalSteps!, loss: [], validLoss: [], gaps: {}, teacherValidLoss };
      live = await open(trainingRunFigure(seen));
    }
    if (!seen || !live) {
      throw new RangeError(`Cannot follow the run: it must begin with start, it began with ${event.type}`);
    }
    note(event, seen);
    const current = seen;
    await live.update(() => trainingRunFigure(current));
  }
  if (!seen || !live) throw new RangeError("Cannot follow the run: it must begin with start, there was no event");
  await live.finish();
  return seen;
}

function note({ type, step, loss, validLoss, metrics = {} }: RunEvent, seen: TrainingRun): void {
  if (type === "step" && loss !== undefined) seen.loss.push({ step, value: loss });
  if (type === "validation" && validLoss !== undefined) seen.validLoss.push({ step, value: validLoss });
  for (const [key, formula] of Object.entries(formulas)) {
    if (key in metrics) (seen.gaps[formula] ??= []).push({ step, value: metrics[key] });
  }
}
