/**
 * A recorder that draws a run in a notebook while it is running.
 *
 * @module
 */
import type { PlotSpecification } from "../figures/specification.ts";
import { type TrainingRun, trainingRunFigure } from "../figures/training_run.ts";
import type { Recorder } from "../runs/recorder.ts";
import type { LiveFigure } from "./figure_display.ts";
import { liveFigure } from "./show.ts";

/** Options for {@linkcode livePlot}. */
export interface LivePlotOptions {
  /** The teacher's validation loss, drawn as a level. */
  teacherValidLoss?: number;
  /**
   * Opens the live figure.
   *
   * @default {the notebook's}
   */
  open?: (figure: PlotSpecification) => Promise<LiveFigure>;
}

/** The recorder, with all that it has drawn. */
export interface LivePlot extends Recorder {
  /** Loss, validation loss and gaps so far; undefined before the run has begun. */
  readonly seen: TrainingRun | undefined;
}

/** The measures of the gap that are drawn, and their formulas. */
const formulas: Record<string, string> = {
  klTeacherStudent: "<i>D</i>(<i>p</i>‖<i>q</i>)",
  klTeacherAssistant: "<i>D</i>(<i>p</i>‖<i>r</i>)",
  klAssistantStudent: "<i>D</i>(<i>r</i>‖<i>q</i>)",
};

/**
 * Draws a run while it is running: loss, validation loss, and gaps if the run measures them.
 *
 * @param options The teacher's level.
 *
 * @example Beside the files of a run, in a cell
 * ```ts ignore
 * const recorders = [jsonLines(`${folder}/metrics.jsonl`), livePlot()];
 * await trainRun({ models, data, training, recording: { folder, recorders } });
 * ```
 */
export function livePlot(options: LivePlotOptions = {}): LivePlot {
  const { teacherValidLoss, open = liveFigure } = options;
  let seen: TrainingRun | undefined;
  let live: LiveFigure | undefined;
  return {
    name: "the live figure",
    get seen() {
      return seen;
    },
    async open({ totalSteps }) {
      seen = { totalSteps, loss: [], validLoss: [], gaps: {}, teacherValidLoss };
      live = await open(trainingRunFigure(seen));
    },
    async event(event) {
      const drawn = seen!;
      const { type, step } = event;
      if (type === "validation") drawn.validLoss.push({ step, value: event.validLoss });
      if (type === "step") {
        drawn.loss.push({ step, value: event.loss });
        for (const [key, formula] of Object.entries(formulas)) {
          const value = event.metrics?.[key];
          if (value !== undefined) (drawn.gaps[formula] ??= []).push({ step, value });
        }
      }
      await live!.update(() => trainingRunFigure(drawn));
    },
    close: () => live?.finish(),
  };
}
