/**
 * A score over two settings.
 *
 * @module
 */
import { escapeHtml } from "../html/html.ts";
import { type PlotSpecification, sharedLayout } from "./specification.ts";

/** A score at a place. */
export interface HeatPoint {
  /** The value of the horizontal setting. */
  x: number;
  /** The value of the vertical one. */
  y: number;
  /** The score. */
  value: number;
}

/** Options for {@linkcode heatMapFigure}. */
export interface HeatMapOptions {
  /** What the horizontal axis is called. */
  xTitle: string;
  /** What the vertical axis is called. */
  yTitle: string;
  /** What the colours show, with its unit. */
  title: string;
  /**
   * Whether less is better, so that the colours turn.
   *
   * @default {false}
   */
  lessIsBetter?: boolean;
}

/**
 * Draws scores as colours over two settings, light where they are good; settings stand side by side in their order, not
 * to scale, so that ±∞ has a place.
 *
 * @param points The scores; places without one stay empty.
 * @param options What axes and colours show.
 * @returns The specification.
 * @throws {RangeError} If there is no point, or two at one place.
 *
 * @example Two orders of the mixture, two weights
 * ```ts
 * import assert from "node:assert/strict";
 * import { heatMapFigure } from "@amid/amid/figures";
 *
 * const points = [{ x: -1, y: 0.1, value: 20 }, { x: Infinity, y: 0.5, value: 30 }];
 * const { data: [map] } = heatMapFigure(points, { xTitle: "α", yTitle: "λ", title: "ROUGE-L / points" });
 * assert.deepEqual([map.x, map.type === "heatmap" && map.z], [["-1", "∞"], [[20, null], [null, 30]]]);
 * ```
 */
export function heatMapFigure(points: readonly HeatPoint[], options: HeatMapOptions): PlotSpecification {
  const { xTitle, yTitle, title, lessIsBetter = false } = options;
  if (points.length === 0) throw new RangeError("Cannot draw a heat map: a point is needed, current number is 0");
  const sorted = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);
  const [xs, ys] = [sorted(points.map(({ x }) => x)), sorted(points.map(({ y }) => y))];
  const z: (number | null)[][] = ys.map(() => xs.map(() => null));
  for (const { x, y, value } of points) {
    const [row, column] = [ys.indexOf(y), xs.indexOf(x)];
    if (z[row][column] !== null) {
      throw new RangeError(`Cannot draw a heat map: each place takes one score, there are two at ${x}, ${y}`);
    }
    z[row][column] = value;
  }
  const axis = (text: string) => ({ title: { text: escapeHtml(text) }, type: "category", showgrid: false });
  return {
    data: [{
      type: "heatmap",
      name: title,
      x: xs.map(shown),
      y: ys.map(shown),
      z,
      colorscale: "Cividis",
      reversescale: lessIsBetter,
      hoverongaps: false,
      xgap: 2,
      ygap: 2,

      ...rangeOf(points.map(({ value }) => value)),
      texttemplate: `%{z:${formatOf(points.map(({ value }) => value))}}`,
      colorbar: { title: { text: escapeHtml(title), side: "right" }, outlinewidth: 0, thickness: 14 },
      hovertemplate: "%{x}, %{y}: %{z:.5~g}<extra></extra>",
    }],
    layout: { ...sharedLayout(axis(xTitle), axis(yTitle)), hovermode: "closest" },
  };
}

/** The values of the first and the last colour: scores that are alike stand in the middle of a scale around them. */
function rangeOf(values: readonly number[]): { zmin: number; zmax: number } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const margin = most > least ? 0 : Math.max(Math.abs(most) / 10, 0.1);
  return { zmin: least - margin, zmax: most + margin };
}

/** How a cell's number is written: with the decimals by which scores differ, at least one and at most four. */
function formatOf(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (Math.max(Math.abs(least), Math.abs(most)) >= 1e4) return ".3~g";
  const digits = most > least ? Math.ceil(1.5 - Math.log10(most - least)) : 1;
  return `.${Math.min(4, Math.max(1, digits))}f`;
}

/** A number as an axis shows it. */
const shown = (value: number): string => Number.isFinite(value) ? String(value) : value > 0 ? "∞" : "−∞";
