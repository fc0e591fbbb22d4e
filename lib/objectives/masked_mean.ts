/**
 * The mean over kept tokens.
 *
 * @module
 */
import { aTensor, checkArguments } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Computes `Σ mask_i values_i / Σ mask_i`. Masked tokens do not count, even if they are not finite.
 *
 * @param perToken One value per token, float32 `[...]`; differentiable.
 * @param mask 1 for the tokens that are kept, 0 for the others, of the same shape; any type.
 * @returns A scalar.
 * @throws {RangeError} If the shapes differ, the mask holds something else than 0 and 1, or must keep at least one
 * token.
 *
 * @example The mean of the kept ones
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { maskedMean, useEngine } from "@amid/amid";
 *
 * await useEngine("cpu");
 * console.log(maskedMean(tf.tensor([1, 2, 9]), tf.tensor([1, 1, 0])).dataSync()[0]); // 1.5
 * ```
 */
export function maskedMean(perToken: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  checkArguments("take the masked mean", { perToken: [perToken, aTensor], mask: [mask, aTensor] });
  if (perToken.shape.join() !== mask.shape.join()) {
    throw new RangeError(
      `Cannot take the masked mean: values and mask must have the same shape, ` +
        `current shapes are [${perToken.shape}] and [${mask.shape}]`,
    );
  }
  let kept = 0;
  mask.dataSync().forEach((value, i) => {
    if (Number(value) !== 0 && Number(value) !== 1) {
      throw new RangeError(`Cannot take the masked mean: the mask must be 0 or 1, current value at ${i} is ${value}`);
    }
    kept += Number(value);
  });
  if (kept === 0) {
    throw new RangeError(`Cannot take the masked mean: the mask [${mask.shape}] must keep at least one token`);
  }
  return tf.tidy(() => {
    const values = tf.where(tf.cast(mask, "bool"), perToken, tf.zerosLike(perToken));
    return tf.div(tf.sum(values), kept);
  });
}
