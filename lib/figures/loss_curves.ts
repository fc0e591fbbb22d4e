/**
 * Curves of a run: the training loss, and the validation loss against teacher and start.
 *
 * @module
 */
import { aList, checkArguments } from "../arguments/check_arguments.ts";
import { lossAxis } from "./loss_axis.ts";
import { shortNumbers } from "./number_text.ts";
import { type Axis, palette, type PlotSpecification, sharedLayout } from "./specification.ts";

/** A loss after a number of steps. */
export interface LossPoint {
  /** Optimizer steps done. */
  step: number;
  /** Nats per token. */
  loss: number;
}

/** Options for {@linkcode trainingLossFigure}. */
export interface TrainingLossFigureOptions {
  /**
   * Points over which the trend line is a moving mean; an even number counts as the next odd one.
   *
   * @default {a twentieth of the points}
   */
  window?: number;
}

/** The mean of the points up to `reach` to either side, fewer at the ends. */
function movingMean(values: readonly number[], reach: number): number[] {
  return values.map((_, i) => {
    const around = values.slice(Math.max(0, i - reach), i + reach + 1);
    return around.reduce((sum, value) => sum + value, 0) / around.length;
  });
}

/** Steps are whole numbers: a few have a tick each, a single one has space on either side. */
const stepAxis = (steps: readonly number[]): Axis => {
  const [first, last] = [steps[0], steps[steps.length - 1]];
  const title = { text: "optimizer step <i>t</i>" };
  return { title, ...last - first < 6 && { dtick: 1 }, ...last === first && { range: [first - 1, last + 1] } };
};

/** Few points have markers, since a line of one point is invisible. */
const FEW = 30;

/**
 * Draws the training loss of every step, pale, under its moving mean.
 *
 * @param points The losses, in the order of their steps.
 * @param options The width of the moving mean.
 * @returns The specification.
 * @throws {RangeError} If there is no point.
 *
 * @example Three steps
 * ```ts
 * import assert from "node:assert/strict";
 * import { trainingLossFigure } from "@amid/amid/figures";
 *
 * const points = [{ step: 1, loss: 3 }, { step: 2, loss: 2 }, { step: 3, loss: 1 }];
 * assert.deepEqual(trainingLossFigure(points, { window: 3 }).data[1].y, [2.5, 2, 1.5]);
 * ```
 */
export function trainingLossFigure(
  points: readonly LossPoint[],
  options: TrainingLossFigureOptions = {},
): PlotSpecification {
  checkArguments("draw the training loss", { points: [points, aList] });
  const { window = points.length / 20 } = options;
  if (points.length === 0) {
    throw new RangeError("Cannot draw the training loss: a point is needed, current number is 0");
  }
  const reach = Math.floor(window / 2);
  const x = points.map(({ step }) => step);
  const y = points.map(({ loss }) => loss);
  const color = palette.student;
  const mode = points.length <= FEW ? "lines+markers" : "lines";
  const pale = { type: "scatter", mode, name: "each step", x, y, opacity: 0.45 } as const;
  const trend = {
    type: "scatter",
    mode: points.length > 1 ? "lines" : mode,
    name: `mean of ${2 * reach + 1}`,
  } as const;
  const hovertemplate = "%{y:.5~g}";
  const each = { ...pale, line: { color, width: 1 }, marker: { color, size: 6 }, hovertemplate };
  const smooth = { ...trend, x, y: shortNumbers(movingMean(y, reach)), line: { color, width: 2.5 }, hovertemplate };
  return {
    data: [each, smooth],
    layout: sharedLayout(stepAxis(x), lossAxis("training loss <i>L</i> / nats per token", y)),
  };
}

/** Options for {@linkcode validationLossFigure}. */
export interface ValidationLossFigureOptions {
  /** The teacher's validation loss, drawn as a level line. */
  teacher?: number;
  /** The starting student's. */
  start?: number;
}

/**
 * Draws the student's validation loss with a mark for each validation, against the levels of teacher and start.
 *
 * @param points The losses, in the order of their steps.
 * @param options The levels.
 * @returns The specification.
 * @throws {RangeError} If there is no point.
 */
export function validationLossFigure(
  points: readonly LossPoint[],
  options: ValidationLossFigureOptions = {},
): PlotSpecification {
  checkArguments("draw the validation loss", { points: [points, aList] });
  const { teacher, start } = options;
  if (points.length === 0) {
    throw new RangeError("Cannot draw the validation loss: a point is needed, current number is 0");
  }
  const x = points.map(({ step }) => step);
  const y = points.map(({ loss }) => loss);
  const ends = [Math.min(0, x[0]), x[x.length - 1]];
  const level = (name: "teacher" | "start", loss: number | undefined): PlotSpecification["data"] => {
    if (loss === undefined) return [];
    const line = { color: palette[name], width: 2, dash: name === "teacher" ? "dash" : "dot" } as const;
    return [{ type: "scatter", mode: "lines", name, x: ends, y: [loss, loss], line, hovertemplate: "%{y:.5~g}" }];
  };
  return {
    data: [
      ...level("start", start),
      {
        type: "scatter",
        mode: "lines+markers",
        name: "student",
        x,
        y,
        hovertemplate: "%{y:.5~g}",
        line: { color: palette.student, width: 2.5 },
        marker: { color: palette.student, size: 8 },
      },
      ...level("teacher", teacher),
    ],
    layout: sharedLayout(stepAxis([...ends]), lossAxis("validation loss / nats per token", y)),
  };
}
