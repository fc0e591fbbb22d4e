/**
 * AdamW as an update rule.
 *
 * @module
 */
import { adamW } from "../../operations/mod.ts";
import type { UpdateRule } from "./update_rule.ts";

/** Options for {@linkcode adamWRule}. */
export interface AdamWRuleOptions {
  /**
   * Decay of the first moment, the moving mean of the gradients.
   *
   * @default {0.9}
   */
  beta1?: number;
  /**
   * Decay of the second moment, the moving mean of the squared gradients.
   *
   * @default {0.999}
   */
  beta2?: number;
  /**
   * Added to the root of the second moment.
   *
   * @default {1e-8}
   */
  epsilon?: number;
}

/**
 * AdamW, with two slots per parameter: `first` and `second`, the moments.
 *
 * Source: I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.
 */
export function adamWRule({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamWRuleOptions = {}): UpdateRule {
  return {
    name: "adamw",
    settings: { beta1, beta2, epsilon },
    slots: ["first", "second"],
    update({ parameters, gradients, slots: { first, second } }, step) {
      adamW({ parameters, gradients, firstMoments: first, secondMoments: second }, { ...step, beta1, beta2, epsilon });
    },
  };
}
