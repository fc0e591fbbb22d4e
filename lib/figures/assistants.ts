/**
 * Assistants on a line: a panel for each α, in it p, q and r at several λ.
 *
 * @module
 */
import type { LogPair } from "../analysis/assistant_float64.ts";
import { smallMultiples } from "./small_multiples.ts";
import { palette, type PlotSpecification, type ScatterTrace } from "./specification.ts";
import { shortNumbers, signedNumber } from "./number_text.ts";

/** One assistant that is drawn. */
export interface DrawnAssistant {
  /** Its order, which decides its panel. */
  alpha: number;
  /** The weight of the teacher. */
  lambda: number;
  /** `log r`. */
  logProbs: readonly number[];
}

/** Options for {@linkcode assistantsFigure}. */
export interface AssistantsFigureOptions extends LogPair {
  /** The points x of the line. */
  points: readonly number[];
  /** The assistants, at least one; those of one α share a panel. */
  assistants: readonly DrawnAssistant[];
  /**
   * Panels per row.
   *
   * @default {4}
   */
  columns?: number;
}

const dashes = ["dot", "solid", "dash", "dashdot"] as const;

/**
 * Draws assistants against teacher and student, probabilities over a line of points.
 *
 * @param options The distributions.
 * @returns The specification.
 * @throws {RangeError} If there is no assistant.
 */
export function assistantsFigure(options: AssistantsFigureOptions): PlotSpecification {
  const { teacher, student, assistants, columns = 4 } = options;
  const points = shortNumbers(options.points);
  const alphas = [...new Set(assistants.map(({ alpha }) => alpha))];
  const lambdas = [...new Set(assistants.map(({ lambda }) => lambda))].sort((a, b) => a - b);
  const { layout, panels } = smallMultiples({
    columns,
    rowHeight: 170,
    titles: alphas.map((alpha) => `<i>α</i> = ${signedNumber(alpha)}`),
    x: { title: { text: "<i>x</i>" }, nticks: 5 },
    y: { title: { text: "probability of <i>x</i>" }, rangemode: "tozero", nticks: 4, showticklabels: false },
  });
  const data = alphas.flatMap((alpha, panel) => {
    const shared = { type: "scatter", mode: "lines", ...panels[panel], showlegend: panel === 0 } as const;
    const filled = (name: "teacher" | "student", logProbs: readonly number[]): ScatterTrace => ({
      ...shared,
      name: `${name} <i>${name === "teacher" ? "p" : "q"}</i>`,
      legendgroup: name,
      x: points,
      y: shortNumbers(logProbs.map(Math.exp)),
      line: { color: palette[name], width: 1 },
      fill: "tozeroy",
      fillcolor: `${palette[name]}38`,
      hovertemplate: "%{y:.4f}",
    });
    const lines = assistants.filter((one) => one.alpha === alpha).map(({ lambda, logProbs }): ScatterTrace => ({
      ...shared,
      name: `<i>r</i>, <i>λ</i> = ${lambda}`,
      legendgroup: `r ${lambda}`,
      hovertemplate: "%{y:.4f}",
      x: points,
      y: shortNumbers(logProbs.map(Math.exp)),
      line: {
        color: palette.assistant,
        width: 2.2,
        dash: lambdas.length === 1 ? "solid" : dashes[lambdas.indexOf(lambda) % 4],
      },
    }));
    return [filled("teacher", teacher), filled("student", student), ...lines];
  });
  return { data, layout };
}
