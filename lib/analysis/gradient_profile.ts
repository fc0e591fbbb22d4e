/**
 * How the gradient's size and direction depend on the assistant.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { objective } from "../objectives/mod.ts";
import type { Objective } from "../objectives/objective.ts";
import type { Order } from "../objectives/composition.ts";
import type { LogPair } from "./assistant_float64.ts";

/** Options for {@linkcode gradientProfile}. */
export interface GradientProfileOptions {
  /** The order of the divergence, the Kullback–Leibler one. */
  order: Order;
  /** Orders of the mixture. */
  alphas: readonly number[];
  /** Weights of the teacher. */
  lambdas: readonly number[];
}

/** A gradient against those of forward and reverse KL; means over the places. */
export interface GradientPoint {
  /** The order of the mixture. */
  alpha: number;
  /** The weight of the teacher. */
  lambda: number;
  /** Its Euclidean norm as a multiple of that of forward KL. */
  norm: number;
  /** The cosine of its angle with the gradient of `D(p‖q)`. */
  forward: number;
  /** The cosine of its angle with the gradient of `D(q‖p)`. */
  reverse: number;
}

/**
 * Compares the gradient in the student's logits with those of forward and reverse KL, by the library's objectives on the
 * engine in use.
 *
 * @param places Teacher and student at some places, finite log-probabilities.
 * @param options The objectives.
 * @returns A point for each α and λ, α changing fastest.
 * @throws {RangeError} If there is no place or an option is invalid.
 *
 * @example With λ = 0 it is forward KL itself
 * ```ts
 * import assert from "node:assert/strict";
 * import { useEngine } from "@amid/amid";
 * import { gradientProfile, toyPair } from "@amid/amid/analysis";
 *
 * await useEngine("cpu");
 * const [point] = gradientProfile([toyPair("gaussians")], { order: "pr", alphas: [0], lambdas: [0] });
 * assert(Math.abs(point.norm - 1) < 1e-5 && Math.abs(point.forward - 1) < 1e-5);
 * ```
 */
export function gradientProfile(places: readonly LogPair[], options: GradientProfileOptions): GradientPoint[] {
  const { order, alphas, lambdas } = options;
  if (places.length === 0) throw new RangeError("Cannot compare gradients: there must be a place, current number is 0");
  return tf.tidy(() => {
    const student = tf.tensor2d(places.map(({ student }) => [...student]));
    const teacher = tf.tensor2d(places.map(({ teacher }) => [...teacher]));
    const gradientOf = (objective: Objective): tf.Tensor => objective.valueAndGradient!({ student, teacher }).gradient;
    const norm = (gradient: tf.Tensor) => tf.sqrt(tf.sum(tf.square(gradient), -1));
    const [forward, reverse] = [gradientOf(objective("forward-kl")), gradientOf(objective("reverse-kl"))];
    const cosine = (a: tf.Tensor, b: tf.Tensor) => tf.div(tf.sum(tf.mul(a, b), -1), tf.mul(norm(a), norm(b)));
    return lambdas.flatMap((lambda) =>
      alphas.map((alpha) => {
        const means = tf.tidy(() => {
          const gradient = gradientOf(objective("amid", { divergence: "kl", order, alpha, lambda }));
          const figures = [tf.div(norm(gradient), norm(forward)), cosine(gradient, forward), cosine(gradient, reverse)];
          return tf.mean(tf.stack(figures), 1).dataSync();
        });
        return { alpha, lambda, norm: means[0], forward: means[1], reverse: means[2] };
      })
    );
  }) as unknown as GradientPoint[];
}
