/**
 * Where an assistant is above 0: its support, and its mass outside the intersection of those of teacher and student.
 *
 * @module
 */
import type { DrawnAssistant } from "./assistants.ts";
import { shortNumbers, signedNumber } from "./number_text.ts";
import { type Axis, palette, type PlotSpecification, type ScatterTrace, sharedLayout } from "./specification.ts";

/** Options for {@linkcode supportsFigure}. */
export interface SupportsFigureOptions {
  /** The points x. */
  points: readonly number[];
  /** `log p`, −∞ where the teacher excludes a point. */
  teacher: readonly number[];
  /** `log q`, likewise. */
  student: readonly number[];
  /** Assistants with few orders, drawn as bars of where they are. */
  assistants: readonly DrawnAssistant[];
  /** Assistants with many orders, for the mass outside of the intersection. */
  sweep: readonly DrawnAssistant[];
}

/** The first and the last point with a probability above 0. */
function extent(points: readonly number[], logProbs: readonly number[]): [number, number] {
  const inside = points.filter((_, i) => logProbs[i] > -Infinity);
  return [inside[0], inside[inside.length - 1]];
}

/**
 * Draws, at the left, where teacher, student and assistants are above 0, and at the right the mass that assistants have
 * where only one of the two allows it.
 *
 * @param options The distributions.
 * @returns The specification.
 */
export function supportsFigure(
  { points, teacher, student, assistants, sweep }: SupportsFigureOptions,
): PlotSpecification {
  const bars = [
    ...assistants.map(({ alpha, logProbs }) => ({
      label: `<i>r</i>, <i>α</i> = ${signedNumber(alpha)}`,
      color: palette.assistant,
      logProbs,
    })),
    { label: "student <i>q</i>", color: palette.student, logProbs: student },
    { label: "teacher <i>p</i>", color: palette.teacher, logProbs: teacher },
  ];
  const extents = bars.map(({ label, color, logProbs }): ScatterTrace => ({
    type: "scatter",
    mode: "lines",
    name: label,
    showlegend: false,
    line: { color, width: 9 },
    x: shortNumbers(extent(points, logProbs)),
    y: [label, label],
    hovertemplate: "%{x:.2f}",
  }));
  const common = points.map((_, i) => teacher[i] > -Infinity && student[i] > -Infinity);
  const outside = ({ logProbs }: DrawnAssistant) =>
    logProbs.reduce((mass, logProb, i) => common[i] ? mass : mass + Math.exp(logProb), 0);
  const lambdas = [...new Set(sweep.map(({ lambda }) => lambda))];
  const masses = lambdas.map((lambda, i): ScatterTrace => {
    const members = sweep.filter((one) => one.lambda === lambda);
    return {
      type: "scatter",
      mode: "lines",
      name: `<i>λ</i> = ${lambda}`,
      xaxis: "x2",
      yaxis: "y2",
      x: shortNumbers(members.map(({ alpha }) => alpha)),
      y: shortNumbers(members.map(outside)),

      hovertemplate: "%{y:.4f}",
      line: { color: palette.assistant, width: 2.2, dash: (["dot", "solid", "dash"] as const)[i % 3] },
    };
  });
  const base = sharedLayout({ title: { text: "<i>x</i>" }, showgrid: true }, { title: { text: "" } });
  const axes: Record<string, Axis> = {
    xaxis: { ...base.xaxis, domain: [0, 0.46] },
    yaxis: { ...base.yaxis, type: "category", showgrid: false },
    xaxis2: { ...base.xaxis, title: { text: "order <i>α</i>" }, domain: [0.6, 1], anchor: "y2" },
    yaxis2: { ...base.yaxis, title: { text: "mass of <i>r</i> outside both" }, rangemode: "tozero", anchor: "x2" },
  };
  const legend = { orientation: "h", x: 0.6, y: 1.02, xanchor: "left", yanchor: "bottom" };
  return {
    data: [...extents, ...masses],
    layout: { ...base, ...axes, legend, hovermode: "closest", height: 340 } as PlotSpecification["layout"],
  };
}
