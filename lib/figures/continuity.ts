/**
 * The α-mixture through α = 1: how far it is from the geometric mean.
 *
 * @module
 */
import type { ContinuityPoint } from "../analysis/continuity.ts";
import { shortNumbers } from "./number_text.ts";
import { palette, type PlotSpecification, type ScatterTrace, sharedLayout } from "./specification.ts";

/**
 * Draws the distance to the geometric mean on either side of α = 1, on logarithmic axes: straight lines of slope 1.
 *
 * @param points The distances.
 * @returns The specification.
 * @throws {RangeError} If there is no point.
 */
export function continuityFigure(points: readonly ContinuityPoint[]): PlotSpecification {
  if (points.length === 0) throw new RangeError("Cannot draw continuity: a point is needed, current number is 0");
  const side = (name: string, below: boolean, color: string): ScatterTrace[] => {
    const members = points.filter(({ offset }) => offset < 0 === below);
    const x = shortNumbers(members.map(({ offset }) => Math.abs(offset)));
    const shared = { type: "scatter", x, hovertemplate: "%{y:.2e}" } as const;
    return [
      {
        ...shared,
        mode: "lines",
        name: `${name}, float64`,
        y: shortNumbers(members.map(({ exact }) => exact)),
        line: { color, width: 1.5 },
      },
      {
        ...shared,
        mode: "markers",
        name: `${name}, the library in float32`,

        y: shortNumbers(members.map(({ distance }) => distance)),
        marker: { color, size: 8, symbol: below ? "circle" : "diamond" },
      },
    ];
  };
  const power = { type: "log", exponentformat: "power", dtick: 1 };
  return {
    data: [...side("<i>α</i> < 1", true, palette.teacher), ...side("<i>α</i> > 1", false, palette.student)],
    layout: {
      ...sharedLayout(
        { title: { text: "distance of the order to 1, |<i>α</i> − 1|" }, ...power, showgrid: true },
        { title: { text: "max<sub><i>i</i></sub> |<i>r<sub>α</sub></i> − <i>r</i><sub>1</sub>|" }, ...power },
      ),
      height: 380,
    },
  };
}
