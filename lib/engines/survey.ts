/**
 * Which engines are available on this machine, and how fast they are.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type EngineInfo, type EngineName, EngineUnavailableError, useEngine } from "./mod.ts";
import { engines } from "./engines.ts";

/** An engine that is available. */
export interface PresentEngine extends EngineInfo {
  /** It was started and measured. */
  present: true;
  /** Throughput of a float32 product of two square matrices, in GFLOP/s. */
  gigaflops: number;
  /** Time to add two scalars, in microseconds. */
  smallOperation: number;
}

/** An engine that is not available. */
export interface AbsentEngine {
  /** It could not be started. */
  present: false;
  /** Which one. */
  name: EngineName;
  /** What is missing, and the remedy. */
  missing: string;
}

/** Options for {@linkcode surveyEngines}. */
export interface SurveyOptions {
  /**
   * The clock, in milliseconds.
   *
   * @default {performance.now}
   */
  now?: () => number;
  /**
   * How long each measurement is repeated, in milliseconds; a single repetition may take longer.
   *
   * @default {1000}
   */
  duration?: number;
  /**
   * Rows and columns of the matrices.
   *
   * @default {1024}
   */
  size?: number;
}

/**
 * Starts every engine in turn and measures it. The last available one stays in use.
 *
 * @returns One entry per engine, the fastest kind first; an engine that cannot be started is an entry too, not an
 * error.
 */
export async function surveyEngines(options: SurveyOptions = {}): Promise<(PresentEngine | AbsentEngine)[]> {
  const { now = () => performance.now(), duration = 1000, size = 1024 } = options;
  const found: (PresentEngine | AbsentEngine)[] = [];
  for (const name of engines.keys() as Iterable<EngineName>) {
    try {
      const { passedOver: _, ...info } = await useEngine(name);
      const settings = { now, duration, size };
      found.push({ ...info, present: true, gigaflops: gigaflops(settings), smallOperation: smallOperation(settings) });
    } catch (error) {
      const missing = error instanceof EngineUnavailableError ? error.reason : String(error);
      found.push({ present: false, name, missing });
    }
  }
  return found;
}

const SUMS = 500;

function gigaflops(settings: Required<SurveyOptions>): number {
  const matrix = tf.randomUniform<tf.Rank.R2>([settings.size, settings.size], -1, 1);
  const milliseconds = shortest(() => {
    const product = tf.matMul(matrix, matrix);
    waitFor(product);
    product.dispose();
  }, settings);
  matrix.dispose();
  return 2 * settings.size ** 3 / milliseconds / 1e6;
}

function smallOperation(settings: Required<SurveyOptions>): number {
  const one = tf.scalar(1);
  const milliseconds = shortest(() => {
    const sum = tf.tidy(() => {
      let sum: tf.Tensor = one;
      for (let i = 0; i < SUMS; i++) sum = tf.add(sum, one);
      return sum;
    });
    waitFor(sum);
    sum.dispose();
  }, settings);
  one.dispose();
  return 1000 * milliseconds / SUMS;
}

/** Waits for a tensor by reading its first element, since an engine may compute asynchronously. */
function waitFor(x: tf.Tensor): void {
  tf.tidy(() => tf.slice(tf.reshape(x, [-1]), [0], [1]).dataSync());
}

/** The shortest time of repeated runs of a computation; other programs can only make a run slower. */
function shortest(compute: () => void, { now, duration }: Required<SurveyOptions>): number {
  let best = Infinity;
  const end = now() + duration;
  do {
    const start = now();
    compute();
    best = Math.min(best, now() - start);
  } while (now() < end);
  return best;
}
