/**
 * The numbers that the explorer draws, all of them by the library's own functions.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { alphaMixture, assistantWeight } from "../../assistants/alpha_mixture.ts";
import { objective } from "../../objectives/mod.ts";
import type { Objective } from "../../objectives/objective.ts";
import type { ExplorerPair } from "./explorer_pair.ts";
import type { ExplorerSettings } from "./explorer_settings.ts";

/** An assistant and its objective at one place of the settings; arrays have a value for each point. */
export interface Exploration {
  /** `log r`; NaN where no point is left to r. */
  logR: Float32Array;
  /** ω, how strongly r depends on the student. */
  weight: Float32Array;
  /** `∂D/∂z`, the gradient on the student's logits. */
  gradient: Float32Array;
  /** D, in nats. */
  value: number;
  /** The length of the gradient. */
  gradientNorm: number;
  /** The cosine between the gradient and that of KL(p‖q); NaN where either vanishes. */
  forwardCosine: number;
  /** The cosine between the gradient and that of KL(q‖p). */
  reverseCosine: number;
  /** The entropy of r, in nats. */
  entropy: number;
}

/** Explores one pair. */
export interface Explorer {
  /** Computes everything at one place of the settings. */
  at(settings: Omit<ExplorerSettings, "pair" | "point">): Exploration;
  /** Frees the pair's tensors. */
  dispose(): void;
}

const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

function cosine(x: Float32Array, y: Float32Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i], 0) / (norm(x) * norm(y));
}

function entropyOf(logProbs: Float32Array): number {
  return logProbs.reduce((sum, logProb) => logProb === -Infinity ? sum : sum - Math.exp(logProb) * logProb, 0);
}

/** `tf.tidy` for results that are not tensors, which it would search for some. */
function inScope<Result>(compute: () => Result): Result {
  tf.engine().startScope();
  try {
    return compute();
  } finally {
    tf.engine().endScope();
  }
}

/** The logits of both; log-probabilities are some. */
type Logits = Record<"teacher" | "student", tf.Tensor>;

/** An objective's value and gradient as plain numbers. */
function read({ valueAndGradient }: Objective, logits: Logits): { value: number; gradient: Float32Array } {
  const { values, gradient } = valueAndGradient!(logits);
  return { value: values.dataSync()[0], gradient: gradient.dataSync() as Float32Array };
}

/**
 * Prepares the exploration of a pair on the engine in use.
 *
 * @param pair Teacher and student.
 * @returns What computes r, ω and the gradient; it holds two tensors until it is disposed of.
 * @throws {RangeError} If the probabilities are not as many.
 *
 * @example Halfway between two coins
 * ```ts
 * import assert from "node:assert/strict";
 * import { useEngine } from "@amid/amid";
 * import { explorer } from "./explore.ts";
 *
 * await useEngine("cpu");
 * const coins = { name: "coins", title: "", axis: "", points: [0, 1], teacher: [0.9, 0.1], student: [0.5, 0.5] };
 * const settings = { alpha: -1, lambda: 0.5, divergence: "kl", order: "pr", detach: false } as const;
 * assert(Math.abs(Math.exp(explorer(coins).at(settings).logR[0]) - 0.7) < 1e-6);
 * ```
 */
export function explorer({ teacher, student }: Pick<ExplorerPair, "teacher" | "student">): Explorer {
  if (teacher.length !== student.length) {
    throw new RangeError(
      `Cannot explore: teacher and student need as many points, current numbers are ${teacher.length} and ${student.length}`,
    );
  }
  const logits = { teacher: tf.tidy(() => tf.log(teacher)), student: tf.tidy(() => tf.log(student)) };
  const [forward, reverse] = (["forward-kl", "reverse-kl"] as const)
    .map((name) => inScope(() => read(objective(name), logits).gradient));
  const at: Explorer["at"] = ({ alpha, lambda, divergence, order, detach }) =>
    inScope(() => {
      const mixture = { alpha, lambda };
      const logR = alphaMixture(logits.teacher, logits.student, mixture).dataSync() as Float32Array;
      const weight = assistantWeight(logits.teacher, logits.student, mixture).dataSync() as Float32Array;
      const detachAssistant = detach && order.includes("q");
      const { value, gradient } = read(objective("amid", { ...mixture, divergence, order, detachAssistant }), logits);
      const [forwardCosine, reverseCosine] = [forward, reverse].map((other) => cosine(gradient, other));
      const entropy = entropyOf(logR);
      return { logR, weight, gradient, value, gradientNorm: norm(gradient), forwardCosine, reverseCosine, entropy };
    });
  return { at, dispose: () => tf.dispose(logits) };
}
