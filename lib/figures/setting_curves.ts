/**
 * Curves of several settings, each with a band over its seeds.
 *
 * @module
 */
import type { LossPoint } from "./loss_curves.ts";
import { escapeHtml } from "../html/html.ts";
import { lossAxis } from "./loss_axis.ts";
import { type PlotSpecification, type ScatterTrace, sharedLayout } from "./specification.ts";

/** A setting and the curves of its runs. */
export interface SettingCurves {
  /** What the legend calls it. */
  name: string;
  /** A curve for each run, in the order of its steps. */
  runs: readonly (readonly LossPoint[])[];
}

/** Colours that stay apart for colour-blind readers; further settings take them again, dashed, then dotted. */
const colours = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C8C8C"];
/** Of how many settings on the legend is long, and stands below. */
const MANY = 8;
const dashes = ["solid", "dash", "dot"] as const;

/**
 * Draws the mean over runs of each setting, and a band from the lowest to the highest run if there are several.
 *
 * @param settings The settings; steps that not all runs of a setting have are left out.
 * @returns The specification.
 * @throws {RangeError} If there is no setting, or one has no run or no step that all its runs share.
 *
 * @example Two seeds of a setting
 * ```ts
 * import assert from "node:assert/strict";
 * import { settingCurvesFigure } from "@amid/amid/figures";
 *
 * const runs = [[{ step: 1, loss: 2 }], [{ step: 1, loss: 4 }]];
 * const { data: [band, mean] } = settingCurvesFigure([{ name: "alpha 0", runs }]);
 * assert.deepEqual([band.y, mean.y], [[4, 2], [3]]);
 * ```
 */
export function settingCurvesFigure(settings: readonly SettingCurves[]): PlotSpecification {
  if (settings.length === 0) throw new RangeError("Cannot draw curves: a setting is needed, current number is 0");
  const traces = settings.flatMap((setting, index) => tracesOf(setting, index));
  const many = settings.length > MANY
    ? {
      legend: { orientation: "h", x: 0, y: -0.2, xanchor: "left", yanchor: "top", font: { size: 11 } },
      height: 380 + 11 * settings.length,
      hovermode: "closest",
    }
    : {};
  return {
    data: traces,
    layout: {
      ...sharedLayout(
        { title: { text: "optimizer step <i>t</i>" } },
        lossAxis(
          "validation loss / nats per token",
          settings.flatMap(({ runs }) => runs.flat().map(({ loss }) => loss)),
        ),
      ),
      ...many,
    },
  };
}

function tracesOf({ name, runs }: SettingCurves, index: number): ScatterTrace[] {
  const maps = runs.map((run) => new Map(run.map(({ step, loss }) => [step, loss])));
  const x = [...maps[0]?.keys() ?? []].filter((step) => maps.every((map) => map.has(step))).sort((a, b) => a - b);
  if (x.length === 0) {
    throw new RangeError(`Cannot draw the curve of "${name}": a step that all its runs share is needed`);
  }
  const at = x.map((step) => maps.map((map) => map.get(step)!));
  const color = colours[index % colours.length];
  const dash = dashes[Math.floor(index / colours.length) % dashes.length];
  const mean: ScatterTrace = {
    type: "scatter",
    mode: "lines+markers",
    name: escapeHtml(name),
    x,
    hovertemplate: "%{y:.5~g}",
    y: at.map((losses) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length),
    line: { color, width: 2.5, dash },
    marker: { color, size: 6 },
    legendgroup: String(index),
  };
  if (runs.length === 1) return [mean];
  const band: ScatterTrace = {
    type: "scatter",
    mode: "lines",
    name: escapeHtml(name),
    showlegend: false,
    legendgroup: String(index),
    x: [...x, ...x.toReversed()],
    y: [...at.map((losses) => Math.max(...losses)), ...at.map((losses) => Math.min(...losses)).reverse()],
    fill: "toself",
    fillcolor: `${color}30`,
    line: { color, width: 0 },
    hoverinfo: "skip",
  };
  return [band, mean];
}
