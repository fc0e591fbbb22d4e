/**
 * Why KL(q‖r) lets a student run away where the assistant follows it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { lineOfPoints } from "../../analysis/grid.ts";
import { alphaMixture, assistantWeight } from "../../assistants/alpha_mixture.ts";
import { kl } from "../../divergences/kl.ts";
import { sequenceColors } from "../sequence_colors.ts";
import { type Axis, palette, type PlotSpecification, type ScatterTrace, sharedLayout } from "../specification.ts";
import { type Comparison, meanOf } from "./comparison.ts";

/** A curve of one order. */
export interface OrderCurve {
  /** The order α. */
  alpha: number;
  /** Horizontal places. */
  x: number[];
  /** Values. */
  y: number[];
}

/** Options of the two computed panels. */
export interface RunawayOptions {
  /** The orders α. */
  alphas: readonly number[];
  /** The weight of the teacher. */
  lambda: number;
}

/**
 * Computes ω of two tokens against the ratio p/q of the first, on the engine in use.
 *
 * @param options The orders and the weight.
 * @returns A curve for each order over log₁₀ p/q.
 */
export function weightByRatio({ alphas, lambda }: RunawayOptions): OrderCurve[] {
  const x = lineOfPoints({ from: -4, to: 4, count: 81 });
  return alphas.map((alpha) => {
    const y = tf.tidy(
      () => [...assistantWeight(tf.mul(x, Math.LN10), tf.zeros([x.length]), { alpha, lambda }).dataSync()],
    );
    return { alpha, x, y };
  });
}

/**
 * Computes KL(q‖r) of a student on its way from the teacher, `q = p` at share 0, to a token that the teacher gives one
 * thousandth, at share 1; the teacher is even over nine other tokens.
 *
 * @param options The orders and the weight.
 * @returns A curve for each order over the share.
 */
export function lossOfCollapse({ alphas, lambda }: RunawayOptions): OrderCurve[] {
  const p = [0.001, ...Array<number>(9).fill(0.111)];
  const x = [...lineOfPoints({ from: 0, to: 0.98, count: 50 }), 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999];
  return alphas.map((alpha) => {
    const y = tf.tidy(() => {
      const teacher = tf.log(tf.tensor2d(x.map(() => p)));
      const student = tf.log(
        tf.tensor2d(x.map((share) => p.map((value, i) => (1 - share) * value + (i === 0 ? share : 0)))),
      );
      return [...kl(student, alphaMixture(teacher, student, { alpha, lambda })).dataSync()];
    });
    return { alpha, x, y };
  });
}

/** What is drawn. */
export interface DivergenceFigureOptions {
  /** ω by ratio. */
  weights: readonly OrderCurve[];
  /** KL(q‖r) on the way to a token. */
  collapse: readonly OrderCurve[];
  /** The recorded runs. */
  comparison: Comparison;
  /** The setting that ran away. */
  setting: string;
}

/**
 * Draws ω by p/q, the loss of a student that collapses, and both losses of a setting that did.
 *
 * @param options The curves and the runs.
 * @returns The specification.
 * @throws {RangeError} If the setting has no run.
 */
export function divergenceFigure(options: DivergenceFigureOptions): PlotSpecification {
  const { weights, collapse, comparison, setting } = options;
  const runs = comparison.runs.filter((run) => run.setting === setting);
  if (runs.length === 0) throw new RangeError(`Cannot draw a divergence: the setting "${setting}" has no run`);
  const colors = sequenceColors(weights.length);
  const curve = ({ alpha, x, y }: OrderCurve, i: number): ScatterTrace => ({
    type: "scatter",
    mode: "lines",
    name: `<i>α</i> = ${String(alpha).replace("-", "−")}`,
    x,
    y,
    legendgroup: String(alpha),
    line: { color: colors[i], width: 2.5 },
    hovertemplate: "%{y:.4f}",
  });
  const over = (key: "training" | "validation", color: string, name: string): ScatterTrace => {
    const x = runs[0][key].map(({ step }) => step);
    const y = x.map((_, i) => meanOf(runs.map((run) => run[key][i].loss)));
    const style = { line: { color, width: 2.5 }, marker: { color, size: 6 }, hovertemplate: "%{y:.4g}" };
    return { type: "scatter", mode: "lines+markers", name, x, y, xaxis: "x3", yaxis: "y3", ...style };
  };
  const base = sharedLayout({ title: { text: "" } }, { title: { text: "" } });
  const axes: Record<string, Axis> = {};
  const panels = [
    { x: "token’s ratio log<sub>10</sub> <i>p</i>/<i>q</i>", y: "<i>ω</i>, how far <i>r</i> follows <i>q</i>" },
    { x: "share of <i>q</i> on an unlikely token", y: "<i>D</i>(<i>q</i>‖<i>r</i>) / nats" },
    { x: "optimizer step <i>t</i>", y: "loss / nats per token" },
  ];
  panels.forEach((titles, i) => {
    const suffix = i === 0 ? "" : String(i + 1);
    const domain = [0.375 * i, 0.375 * i + 0.25];
    axes[`xaxis${suffix}`] = { ...base.xaxis, title: { text: titles.x }, domain, anchor: `y${suffix}` };
    axes[`yaxis${suffix}`] = { ...base.yaxis, title: { text: titles.y }, anchor: `x${suffix}` };
  });
  Object.assign(axes.yaxis3, { type: "log", exponentformat: "power", dtick: 1 });
  const layout = { ...base, ...axes, height: 390, hovermode: "closest", margin: { l: 56, r: 16, t: 56, b: 62 } };
  return {
    data: [
      ...weights.map(curve),
      ...collapse.map((one, i) => ({ ...curve(one, i), showlegend: false, xaxis: "x2", yaxis: "y2" })),
      over("training", palette.student, "training loss"),
      over("validation", palette.teacher, "validation loss"),
    ],
    layout: layout as PlotSpecification["layout"],
  };
}
