/**
 * The weight ω: how closely the assistant follows the student, by the ratio of the probabilities and the order.
 *
 * @module
 */
import { assistantFloat64 } from "../analysis/assistant_float64.ts";
import { lineOfPoints } from "../analysis/grid.ts";
import { shortNumbers } from "./number_text.ts";
import { shareScale } from "./sequence_colors.ts";
import { smallMultiples } from "./small_multiples.ts";
import { type HeatmapTrace, palette, type PlotSpecification } from "./specification.ts";

/** What a figure over ratios and orders spans. */
export interface WeightFigureOptions {
  /**
   * Weights of the teacher, a panel each.
   *
   * @default {0.1, 0.5 and 0.9}
   */
  lambdas?: readonly number[];
  /**
   * The largest |log p/q|.
   *
   * @default {6}
   */
  reach?: number;
}

/**
 * Draws `ω = (1−λ) q^e / (λ p^e + (1−λ) q^e)` over log p/q and α: dark where the student has no weight.
 *
 * @param options What it spans.
 * @returns The specification.
 */
export function studentWeightFigure(options: WeightFigureOptions = {}): PlotSpecification {
  const { lambdas = [0.1, 0.5, 0.9], reach = 6 } = options;
  const ratios = lineOfPoints({ from: -reach, to: reach, count: 61 });
  const alphas = lineOfPoints({ from: -5, to: 5, count: 51 });
  const { layout, panels } = smallMultiples({
    titles: lambdas.map((lambda) => `<i>λ</i> = ${lambda}`),
    columns: lambdas.length,
    rowHeight: 260,
    x: { title: { text: "log <i>p<sub>i</sub></i>/<i>q<sub>i</sub></i>" }, nticks: 7 },
    y: { title: { text: "order <i>α</i>" }, nticks: 7 },
  });
  const student = ratios.map(() => 0);
  const data = lambdas.map((lambda, panel): HeatmapTrace => ({
    type: "heatmap",
    name: "<i>ω</i>",
    x: shortNumbers(ratios),
    y: shortNumbers(alphas),
    ...panels[panel],
    z: alphas.map((alpha) => shortNumbers(assistantFloat64({ teacher: ratios, student }, { alpha, lambda }).weight)),
    zmin: 0,
    zmax: 1,
    colorscale: shareScale,
    showscale: panel === 0,
    colorbar: { title: { text: "<i>ω</i>" }, thickness: 12, outlinewidth: 0, tickfont: { color: palette.ink } },
    hovertemplate: "log p/q = %{x:.1f}<br>α = %{y:.1f}<br>ω = %{z:.3f}<extra></extra>",
  }));
  return { data, layout: { ...layout, hovermode: "closest", margin: { l: 66, r: 80, t: 40, b: 54 } } };
}
