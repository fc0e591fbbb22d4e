/**
 * Students fitted to a teacher of two modes: which mode, or both.
 *
 * @module
 */
import type { GaussianParameters } from "../analysis/fit_gaussian.ts";
import { gaussianMixture } from "../analysis/grid.ts";
import type { Order } from "../objectives/composition.ts";
import { shortNumbers, signedNumber } from "./number_text.ts";
import { smallMultiples } from "./small_multiples.ts";
import { palette, type PlotSpecification, type ScatterTrace } from "./specification.ts";

/** A fitted student. */
export interface GaussianFit extends GaussianParameters {
  /** The order of the divergence. */
  order: Order;
  /** The order of the mixture. */
  alpha: number;
  /** The weight of the teacher. */
  lambda: number;
}

/** Options for {@linkcode gaussianFitsFigure}. */
export interface GaussianFitsFigureOptions {
  /** The points x. */
  points: readonly number[];
  /** `log p`. */
  teacher: readonly number[];
  /** The fits; a row of panels for each order of the divergence, a column for each α. */
  fits: readonly GaussianFit[];
}

/** The formula of an order. */
export const divergenceText = (order: string): string => `<i>D</i>(<i>${order[0]}</i>‖<i>${order[1]}</i>)`;

/**
 * Draws the fits as small multiples, a line for each λ.
 *
 * @param options Teacher and fits.
 * @returns The specification.
 * @throws {RangeError} If there is no fit.
 */
export function gaussianFitsFigure({ points, teacher, fits }: GaussianFitsFigureOptions): PlotSpecification {
  const different = <Value>(of: (fit: GaussianFit) => Value) => [...new Set(fits.map(of))];
  const [orders, alphas, lambdas] = [different((f) => f.order), different((f) => f.alpha), different((f) => f.lambda)];
  const cells = orders.flatMap((order) => alphas.map((alpha) => ({ order, alpha })));
  const { layout, panels } = smallMultiples({
    titles: cells.map(({ order, alpha }) => `${divergenceText(order)}, <i>α</i> = ${signedNumber(alpha)}`),
    columns: alphas.length,
    rowHeight: 120,
    gap: 0.1,
    x: { title: { text: "<i>x</i>" }, nticks: 5 },
    y: { title: { text: "probability of <i>x</i>" }, rangemode: "tozero", nticks: 3 },
  });
  const x = shortNumbers(points);
  const data = cells.flatMap(({ order, alpha }, panel) => {
    const shared = {
      type: "scatter",
      mode: "lines",
      x,
      ...panels[panel],
      showlegend: panel === 0,
      hovertemplate: "%{y:.4f}",
    } as const;
    const filled: ScatterTrace = {
      ...shared,
      name: "teacher <i>p</i>",
      legendgroup: "p",
      y: shortNumbers(teacher.map(Math.exp)),
      fill: "tozeroy",
      fillcolor: `${palette.teacher}38`,
      line: { color: palette.teacher, width: 1 },
    };
    const members = fits.filter((fit) => fit.order === order && fit.alpha === alpha);
    return [
      filled,
      ...members.map((fit): ScatterTrace => ({
        ...shared,
        name: `student <i>q</i>, <i>λ</i> = ${fit.lambda}`,
        legendgroup: `q ${fit.lambda}`,
        y: shortNumbers(gaussianMixture(points, [fit]).map(Math.exp)),
        line: {
          color: palette.student,
          width: 2,
          dash: (["dot", "solid", "dash"] as const)[lambdas.indexOf(fit.lambda) % 3],
        },
      })),
    ];
  });
  return { data, layout };
}
