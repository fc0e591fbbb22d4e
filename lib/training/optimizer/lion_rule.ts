/**
 * Lion as an update rule.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { UpdateRule } from "./update_rule.ts";

/** Options for {@linkcode lionRule}. */
export interface LionRuleOptions {
  /**
   * The momentum's weight in the direction of the update.
   *
   * @default {0.9}
   */
  beta1?: number;
  /**
   * Decay of the momentum.
   *
   * @default {0.99}
   */
  beta2?: number;
}

/**
 * Lion: each parameter θ moves by `−η (sign(β₁ m + (1 − β₁) g) + w θ)`, then the momentum m becomes `β₂ m + (1 − β₂)
 * g`. One slot per parameter, half of AdamW's state. Learning rates that suit it are 3 to 10 times smaller than
 * AdamW's, and its decay is larger by the same factor.
 *
 * Source: X. Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2.
 */
export function lionRule({ beta1 = 0.9, beta2 = 0.99 }: LionRuleOptions = {}): UpdateRule {
  return {
    name: "lion",
    settings: { beta1, beta2 },
    slots: ["momentum"],
    update({ parameters, gradients, slots: { momentum } }, { learningRate, weightDecay, gradientScale }) {
      parameters.forEach((parameter, i) =>
        tf.tidy(() => {
          const gradient = gradientScale === 1 ? gradients[i] : tf.mul(gradients[i], gradientScale);
          const blend = (decay: number) => tf.add(tf.mul(momentum[i], decay), tf.mul(gradient, 1 - decay));
          const decayed = weightDecay[i] ? tf.mul(parameter, 1 - learningRate * weightDecay[i]) : parameter;
          parameter.assign(tf.sub(decayed, tf.mul(tf.sign(blend(beta1)), learningRate)));
          momentum[i].assign(blend(beta2));
        })
      );
    },
  };
}
