/**
 * Logits over a few named tokens and one bucket for all others, and the way back of a gradient.
 *
 * Kernels an engine may offer: `CoarseLogits { logits } { ids, overwrite } → [coarse, shares, largest]`, and
 * `CoarseLogitsGrad { gradient, shares } { ids } → gradient`, in the memory of `shares`.
 *
 * Shapes: `c` tokens to be predicted, `m` named tokens for each, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { LOG_ZERO } from "../distributions/distribution.ts";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/** Logits over named tokens and the rest. */
export interface CoarseLogits {
  /** float32 `[c, m + 1]`: the named tokens' logits, then that of the rest, `log Σ exp` of the others. */
  coarse: tf.Tensor2D;
  /** What part of the rest each token is, float32 `[c, V]`; 0 for named tokens. */
  shares: tf.Tensor2D;
  /** The largest logit among the rest, float32 `[c, 1]`. */
  largest: tf.Tensor2D;
}

/** Options for {@linkcode coarseLogits}. */
export interface CoarseLogitsOptions {
  /** The named tokens, int32 `[c · m]`, those of one place side by side; a token that is named twice counts as one. */
  ids: Int32Array;
  /**
   * Whether the logits have no other use, so that their memory may be worked in.
   *
   * @default {false}
   */
  overwrite?: boolean;
}

/**
 * Sums up the probability of all tokens that are not named. The sum is over them alone, not 1 minus the named ones, so
 * that it is exact where it is small. A rest without a token gets the logit that stands for probability 0.
 *
 * Nothing is recorded on a tape.
 *
 * @param logits float32 `[c, V]`.
 */
export function coarseLogits(logits: tf.Tensor2D, { ids, overwrite = false }: CoarseLogitsOptions): CoarseLogits {
  if (hasKernel("CoarseLogits")) {
    const [coarse, shares, largest] = runKernel<tf.Tensor2D[]>("CoarseLogits", { logits }, { ids, overwrite });
    return { coarse, shares, largest };
  }
  return tf.tidy(() => {
    const [rows, width] = logits.shape;
    const flat = tf.reshape(logits, [-1]);
    const places = placesOf(ids, { rows, width });
    const named = tf.reshape(tf.gather(flat, places), [rows, -1]);
    // A sum, because the update of single places would change the logits themselves on the engine cpu.
    const excluding = tf.scatterND(tf.expandDims(places, 1), tf.fill([ids.length], LOG_ZERO), [rows * width]);
    const rest: tf.Tensor2D = tf.reshape(tf.add(flat, excluding), [rows, width]);
    const largest: tf.Tensor2D = tf.max(rest, -1, true);
    const shares = tf.softmax(rest);
    // log Σ exp(z − max z) = −log max share
    const coarse = tf.concat([named, tf.sub(largest, tf.log(tf.max(shares, -1, true)))], 1);
    return { coarse, shares, largest } as unknown as tf.TensorContainerObject;
  }) as unknown as CoarseLogits;
}

/**
 * Computes the gradient in the logits from that in the coarse ones: a token of the rest has its share of the rest's.
 *
 * @param gradient The gradient in the coarse logits, float32 `[c, m + 1]`.
 * @param made What {@linkcode coarseLogits} made, whose `shares` have no other use, and the named tokens.
 * @returns float32 `[c, V]`.
 */
export function coarseLogitsGradient(
  gradient: tf.Tensor2D,
  { shares, ids }: Pick<CoarseLogits, "shares"> & Pick<CoarseLogitsOptions, "ids">,
): tf.Tensor2D {
  if (hasKernel("CoarseLogitsGrad")) return runKernel<tf.Tensor2D>("CoarseLogitsGrad", { gradient, shares }, { ids });
  return tf.tidy(() => {
    const [rows, width] = shares.shape;
    const [named, rest] = tf.split(gradient, [ids.length / rows, 1], 1);
    const places = tf.expandDims(placesOf(ids, { rows, width }), 1);
    const scattered = tf.scatterND(places, tf.reshape(named, [-1]), [rows * width]);
    return tf.add(tf.mul(shares, rest), tf.reshape(scattered, shares.shape)) as tf.Tensor2D;
  });
}

/** Where the named tokens stand in the flattened logits. */
function placesOf(ids: Int32Array, { rows, width }: { rows: number; width: number }): tf.Tensor1D {
  const count = ids.length / rows;
  return tf.tensor1d(ids.map((id, index) => Math.floor(index / count) * width + id), "int32");
}
