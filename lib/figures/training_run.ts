/**
 * A run in progress: training loss, validation loss and the gap between the distributions, side by side.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { shortNumbers } from "./number_text.ts";
import { type Axis, palette, type PlotSpecification, type ScatterTrace, sharedLayout } from "./specification.ts";

/** What is known of a run so far. Losses and gaps in nats per token. */
export interface TrainingRun {
  /** Steps that the run will have. */
  totalSteps: number;
  /** The training loss after steps. */
  loss: { step: number; value: number }[];
  /** The validation loss after steps. */
  validLoss: { step: number; value: number }[];
  /** Divergences between teacher, assistant and student, by their formulas. */
  gaps: Record<string, { step: number; value: number }[]>;
  /** The teacher's validation loss. */
  teacherValidLoss?: number;
}

/** The colours of the gaps, in their order. */
const gapColors = [palette.start, palette.assistant, palette.constant];

/**
 * Draws a run in three panels, or two where no gap is measured.
 *
 * @param run What is known of it; the number of steps alone is enough.
 * @returns The specification.
 */
export function trainingRunFigure(run: TrainingRun): PlotSpecification {
  checkArguments("draw a run", { run: [run, objectWith("totalSteps", "loss", "validLoss", "gaps")] });
  const { totalSteps, loss, validLoss, gaps, teacherValidLoss } = run;
  const series = (name: string, points: { step: number; value: number }[], panel: number): ScatterTrace => ({
    type: "scatter",
    mode: points.length > 40 ? "lines" : "lines+markers",
    name,
    hovertemplate: "%{y:.4f}",
    x: points.map(({ step }) => step),
    y: shortNumbers(points.map(({ value }) => value)),
    ...(panel === 0 ? {} : { xaxis: `x${panel + 1}`, yaxis: `y${panel + 1}` }),
  });
  const level = teacherValidLoss === undefined ? [] : [{
    ...series("teacher", [0, totalSteps].map((step) => ({ step, value: teacherValidLoss })), 1),
    mode: "lines" as const,
    line: { color: palette.teacher, width: 2, dash: "dash" as const },
  }];
  const data = [
    {
      ...series("student", loss, 0),
      legendgroup: "student",
      showlegend: false,
      line: { color: palette.student, width: 1.5 },
    },
    {
      ...series("student", validLoss, 1),
      legendgroup: "student",
      line: { color: palette.student, width: 2 },
      marker: { color: palette.student, size: 7 },
    },
    ...level,
    ...Object.entries(gaps).map(([name, points], i) => ({
      ...series(name, points, 2),

      line: { color: gapColors[i % gapColors.length], width: 2 },
      marker: { color: gapColors[i % gapColors.length], size: 5 },
    })),
  ];
  const measured = Object.keys(gaps).length > 0;
  const titles = ["training loss <i>L</i>", "validation loss", ...(measured ? ["divergence <i>D</i>"] : [])];
  const [pitch, width] = measured ? [0.37, 0.26] : [0.55, 0.45];
  const base = sharedLayout({ title: { text: "" } }, { title: { text: "" } });
  const axes: Record<string, Axis> = {};
  titles.forEach((title, panel) => {
    const suffix = panel === 0 ? "" : String(panel + 1);
    const domain = [pitch * panel, pitch * panel + width];
    const step = { title: { text: "step <i>t</i>" }, range: [0, 1.03 * totalSteps] as [number, number] };
    axes[`xaxis${suffix}`] = { ...base.xaxis, ...step, domain, anchor: `y${suffix}` };
    axes[`yaxis${suffix}`] = { ...base.yaxis, title: { text: `${title} / nats` }, anchor: `x${suffix}`, nticks: 6 };
  });
  return { data, layout: { ...base, ...axes, height: 320 } as PlotSpecification["layout"] };
}
