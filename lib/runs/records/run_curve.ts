/**
 * A run's metrics, thinned, and how steadily it trained.
 *
 * @module
 */
import { aList, anObject, checkArguments } from "../../arguments/check_arguments.ts";

/** The lines of `metrics.jsonl` that count here. */
export interface MetricsLine {
  /** The kind of line. */
  type: string;
  /** The step, from 1. */
  step: number;
  /** The training loss of a step. */
  loss?: number;
  /** The norm of a step's gradient before clipping. */
  gradNorm?: number;
  /** What a step took. */
  seconds?: number;
  /** Response tokens of a step. */
  tokens?: number;
  /** The validation loss. */
  validLoss?: number;
  /** Further metrics of a step. */
  metrics?: { residentBytes?: number };
}

/** How a run's loss went. */
export interface RunCurve {
  /** Steps that were taken. */
  steps: number;
  /** Response tokens that were learned from. */
  tokens: number;
  /** Means of the training loss: the last step of each window, and the mean over the window. */
  training: [step: number, loss: number][];
  /** The validation loss. */
  validation: [step: number, loss: number][];
  /** The median norm of the gradient. */
  gradientNorm: number;
  /** The largest norm of the gradient. */
  largestGradientNorm: number;
  /** Steps whose gradient's norm is more than three times the median of up to 20 steps before it. */
  spikes: number;
}

/** Figures of the machine. */
export interface RunCost {
  /** The median of the steps' seconds. */
  stepSeconds: number;
  /** The most resident memory at the end of a step, MiB. */
  peakMiB: number;
}

/** Options for {@linkcode runCurve}. */
export interface RunCurveOptions {
  /**
   * Steps over which one mean of the training loss is kept.
   *
   * @default {10}
   */
  window?: number;
}

/** A spike is a gradient this many times as large as usual. */
const SPIKE = 3;
/** The steps that say what is usual; fewer than five say nothing. */
const [BEFORE, LEAST] = [20, 5];

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

const digits = (value: number): number => Number(value.toPrecision(5));

/**
 * Thins a run's metrics.
 *
 * @param lines The lines of `metrics.jsonl`.
 * @returns The curve, and what the steps cost.
 */
export function runCurve(
  lines: readonly MetricsLine[],
  options: RunCurveOptions = {},
): { curve: RunCurve; cost: RunCost } {
  checkArguments("record a run", { lines: [lines, aList], options: [options, anObject] });
  const { window = 10 } = options;
  const steps = lines.filter(({ type, loss }) => type === "step" && loss !== undefined);
  if (steps.length === 0) throw new RangeError("Cannot record a run: at least one step is needed, current count is 0");
  const norms = steps.map(({ gradNorm = NaN }) => gradNorm);
  const spikes = norms.filter((norm, at) => {
    const before = norms.slice(Math.max(0, at - BEFORE), at);
    return before.length >= LEAST && norm > SPIKE * median(before);
  });
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const training: RunCurve["training"] = [];
  for (let start = 0; start < steps.length; start += window) {
    const part = steps.slice(start, start + window);
    training.push([part[part.length - 1].step, digits(mean(part.map(({ loss }) => loss!)))]);
  }
  const validation = lines.filter(({ type }) => type === "validation");
  const resident = Math.max(...steps.map(({ metrics }) => metrics?.residentBytes ?? 0));
  return {
    curve: {
      steps: steps.length,
      tokens: steps.reduce((sum, { tokens = 0 }) => sum + tokens, 0),
      training,
      validation: validation.map(({ step, validLoss }) => [step, digits(validLoss!)]),
      gradientNorm: digits(median(norms)),
      largestGradientNorm: digits(Math.max(...norms)),
      spikes: spikes.length,
    },
    cost: {
      stepSeconds: digits(median(steps.map(({ seconds = NaN }) => seconds))),
      peakMiB: Math.round(resident / 2 ** 20),
    },
  };
}
