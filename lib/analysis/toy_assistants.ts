/**
 * Assistants of two distributions, by the library's own α-mixture.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { alphaMixture, type AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import type { LogPair } from "./assistant_float64.ts";

/** An assistant and its options. */
export interface ComputedAssistant extends AlphaMixtureOptions {
  /** `log r`, in float32's precision. */
  logProbs: number[];
}

/** Which assistants {@linkcode assistantsOf} makes. */
export interface AssistantsOfOptions {
  /** The orders. */
  alphas: readonly number[];
  /** The weights of the teacher. */
  lambdas: readonly number[];
}

/**
 * Computes assistants of a pair for every α with every λ, by `alphaMixture` on the engine in use.
 *
 * @param pair `log p` and `log q`.
 * @param options The orders and weights.
 * @returns The assistants, λ changing fastest.
 * @throws {RangeError} If lengths differ or an option is invalid.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { useEngine } from "@amid/amid";
 * import { assistantsOf, toyPair } from "@amid/amid/analysis";
 *
 * await useEngine("cpu");
 * assert.equal(assistantsOf(toyPair("gaussians"), { alphas: [-1, 0, 1], lambdas: [0.5] }).length, 3);
 * ```
 */
export function assistantsOf(
  { teacher, student }: LogPair,
  { alphas, lambdas }: AssistantsOfOptions,
): ComputedAssistant[] {
  return alphas.flatMap((alpha) =>
    lambdas.map((lambda) => {
      const values = tf.tidy(() =>
        alphaMixture(tf.tensor1d([...teacher]), tf.tensor1d([...student]), { alpha, lambda }).dataSync()
      );
      return { alpha, lambda, logProbs: [...values] };
    })
  );
}
