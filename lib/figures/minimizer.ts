/**
 * The assistant by its formula against the one that a search found.
 *
 * @module
 */
import { shortNumbers, signedNumber } from "./number_text.ts";
import { smallMultiples } from "./small_multiples.ts";
import { palette, type PlotSpecification, type ScatterTrace } from "./specification.ts";

/** One order. */
export interface MinimizerPanel {
  /** The order α. */
  alpha: number;
  /** `r` by the formula. */
  formula: readonly number[];
  /** `r` where the sum of divergences is least. */
  found: readonly number[];
}

/**
 * Draws, for each order, the formula as a line and what the search found as rings, with the largest difference.
 *
 * @param options The points x and the panels.
 * @returns The specification.
 * @throws {RangeError} If there is no panel.
 */
export function minimizerFigure(
  { points, panels: orders }: { points: readonly number[]; panels: readonly MinimizerPanel[] },
): PlotSpecification {
  const differences = orders.map(({ formula, found }) => Math.max(...formula.map((r, i) => Math.abs(r - found[i]))));
  const power = (value: number) => value === 0 ? "0" : `10<sup>${signedNumber(Math.ceil(Math.log10(value)))}</sup>`;
  const titles = orders.map(({ alpha }, i) =>
    `<i>α</i> = ${signedNumber(alpha)}, difference < ${power(differences[i])}`
  );
  const { layout, panels } = smallMultiples({
    titles,
    columns: 3,
    rowHeight: 170,
    x: { title: { text: "<i>x</i>" }, nticks: 7 },
    y: { title: { text: "probability of <i>x</i>" }, rangemode: "tozero", nticks: 4 },
  });
  const data = orders.flatMap(({ formula, found }, i): ScatterTrace[] => {
    const shared = {
      type: "scatter",
      x: shortNumbers(points),
      ...panels[i],
      showlegend: i === 0,
      hovertemplate: "%{y:.5f}",
    } as const;
    return [
      {
        ...shared,
        mode: "lines",
        name: "<i>r</i> by the formula",
        y: shortNumbers(formula),
        line: { color: palette.assistant, width: 2.5 },
      },
      {
        ...shared,
        mode: "markers",
        name: "least <i>λ D<sub>α</sub></i>(<i>p</i>‖<i>r</i>) + (1−<i>λ</i>) <i>D<sub>α</sub></i>(<i>q</i>‖<i>r</i>)",
        y: shortNumbers(found),
        marker: { color: palette.start, size: 6, symbol: "circle-open" },
      },
    ];
  });
  return { data, layout };
}
