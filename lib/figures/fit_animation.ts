/**
 * A student approaching the teacher, step by step, under several orders of the divergence.
 *
 * @module
 */
import { assistantFloat64 } from "../analysis/assistant_float64.ts";
import type { FitStep } from "../analysis/fit_gaussian.ts";
import { gaussianMixture } from "../analysis/grid.ts";
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import type { Order } from "../objectives/composition.ts";
import { divergenceText } from "./gaussian_fits.ts";
import { shortNumbers } from "./number_text.ts";
import { smallMultiples } from "./small_multiples.ts";
import { type Frame, palette, type PlotSpecification, type ScatterTrace } from "./specification.ts";

/** Options for {@linkcode fitAnimation}. */
export interface FitAnimationOptions extends AlphaMixtureOptions {
  /** The points x. */
  points: readonly number[];
  /** `log p`. */
  teacher: readonly number[];
  /** A path for each order, all of one length. */
  paths: readonly { order: Order; path: readonly FitStep[] }[];
  /**
   * Pictures of the animation.
   *
   * @default {25}
   */
  count?: number;
}

/**
 * Makes an animation: a panel for each order, in it p, q and r; a slider over the steps. It stands at the last step.
 *
 * @param options Teacher, assistant and paths.
 * @returns The specification, with frames.
 * @throws {RangeError} If there is no path.
 */
export function fitAnimation(options: FitAnimationOptions): PlotSpecification {
  const { points, teacher, paths, alpha, lambda, count = 25 } = options;
  const { layout, panels } = smallMultiples({
    titles: paths.map(({ order }) => divergenceText(order)),
    columns: paths.length,
    rowHeight: 220,
    x: { title: { text: "<i>x</i>" }, nticks: 5 },
    y: { title: { text: "probability of <i>x</i>" }, rangemode: "tozero", nticks: 4 },
  });
  const x = shortNumbers(points);
  const last = paths[0].path.length - 1;
  // Most changes are early: the frames are closer together there.
  const steps = [...new Set(Array.from({ length: count }, (_, i) => Math.round(last * (i / (count - 1)) ** 2)))];
  const curves = (step: number): number[][] =>
    paths.flatMap(({ path }) => {
      const student = gaussianMixture(points, [path[step]]);
      const assistant = assistantFloat64({ teacher, student }, { alpha, lambda }).logProbs;
      return [student, assistant].map((logProbs) => shortNumbers(logProbs.map(Math.exp)));
    });
  const final = curves(last);
  const moving = paths.flatMap((_, i): ScatterTrace[] => {
    const shared = {
      type: "scatter",
      mode: "lines",
      x,
      ...panels[i],
      showlegend: i === 0,
      hovertemplate: "%{y:.4f}",
    } as const;
    return [
      { ...shared, name: "student <i>q</i>", y: final[2 * i], line: { color: palette.student, width: 2.4 } },
      {
        ...shared,
        name: "assistant <i>r</i>",
        y: final[2 * i + 1],
        line: { color: palette.assistant, width: 2, dash: "dash" },
      },
    ];
  });
  const standing = paths.map((_, i): ScatterTrace => ({
    type: "scatter",
    mode: "lines",
    name: "teacher <i>p</i>",
    x,
    ...panels[i],
    showlegend: i === 0,
    hovertemplate: "%{y:.4f}",

    y: shortNumbers(teacher.map(Math.exp)),
    fill: "tozeroy",
    fillcolor: `${palette.teacher}38`,
    line: { color: palette.teacher, width: 1 },
  }));
  const traces = moving.map((_, i) => i);
  const frames = steps.map((step): Frame => ({ name: String(step), data: curves(step).map((y) => ({ y })), traces }));
  return {
    data: [...moving, ...standing],
    layout: { ...layout, ...controls(steps), height: 400, margin: { l: 66, r: 16, t: 62, b: 130 } },
    frames,
  };
}

/** A button that plays, and a slider. */
function controls(steps: readonly number[]): Record<string, unknown> {
  const moment = { mode: "immediate", frame: { duration: 120, redraw: false }, transition: { duration: 0 } };
  const button = (label: string, names: unknown, extra = {}) => ({
    label,
    method: "animate",
    args: [names, { ...moment, ...extra }],
  });
  const quiet = {
    bgcolor: "rgba(125, 133, 144, 0.15)",
    bordercolor: palette.grid,
    font: { color: palette.ink, size: 12 },
  };
  return {
    updatemenus: [{
      type: "buttons",
      direction: "right",
      showactive: false,
      x: 0,
      xanchor: "left",
      y: -0.34,
      yanchor: "top",
      ...quiet,
      buttons: [button("Play", null, { fromcurrent: false }), button("Stop", [null])],
    }],
    sliders: [{
      x: 0.2,
      len: 0.8,
      y: -0.26,
      yanchor: "top",
      active: steps.length - 1,
      ...quiet,
      ticklen: 3,
      minorticklen: 0,
      currentvalue: { prefix: "step <i>t</i> = ", font: { color: palette.ink, size: 13 } },
      steps: steps.map((step) => button(String(step), [String(step)])),
    }],
  };
}
