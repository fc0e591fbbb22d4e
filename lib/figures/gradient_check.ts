/**
 * Gradients in closed form against gradients by automatic differentiation.
 *
 * @module
 */
import { shortNumbers } from "./number_text.ts";
import { smallMultiples } from "./small_multiples.ts";
import { palette, type PlotSpecification, type ScatterTrace } from "./specification.ts";

/** Gradients of one order of the divergence. */
export interface GradientCheck {
  /** The divergence's arguments. */
  order: string;
  /** By the formula, a value for each token. */
  closed: readonly number[];
  /** By automatic differentiation. */
  traced: readonly number[];
}

/**
 * Draws one against the other, a panel for each order, with the largest difference.
 *
 * @param checks The gradients.
 * @returns The specification.
 * @throws {RangeError} If there are no checks.
 */
export function gradientCheckFigure(checks: readonly GradientCheck[]): PlotSpecification {
  const titles = checks.map(({ order, closed, traced }) => {
    const difference = Math.max(...closed.map((value, i) => Math.abs(value - traced[i])));
    return `<i>D</i>(<i>${order[0]}</i>‖<i>${order[1]}</i>), differences ≈ ${
      difference.toExponential(0).replace("e-", "·10<sup>−")
    }</sup>`;
  });
  const bound = 1.1 * Math.max(...checks.flatMap(({ closed }) => closed.map(Math.abs)));
  const { layout, panels } = smallMultiples({
    titles,
    columns: checks.length,
    rowHeight: 220,
    x: { title: { text: "∂<i>D</i>/∂<i>z<sub>k</sub></i> in closed form" }, range: [-bound, bound], nticks: 4 },
    y: { title: { text: "by autodiff" }, range: [-bound, bound], nticks: 4 },
  });
  const data = checks.flatMap(({ closed, traced }, i): ScatterTrace[] => {
    const shared = { type: "scatter", ...panels[i], showlegend: false, hovertemplate: "%{x:.5f}, %{y:.5f}" } as const;
    return [
      {
        ...shared,
        mode: "lines",
        name: "equal",
        x: [-bound, bound],
        y: [-bound, bound],
        line: { color: palette.ink, width: 1 },
      },
      {
        ...shared,
        mode: "markers",
        name: "points x",
        x: shortNumbers(closed),
        y: shortNumbers(traced),
        marker: { color: palette.assistant, size: 5 },
      },
    ];
  });
  return { data, layout: { ...layout, hovermode: "closest", margin: { l: 66, r: 16, t: 30, b: 54 } } };
}
