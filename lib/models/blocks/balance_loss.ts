/**
 * The load-balancing loss of a router.
 *
 * Shapes: `S` positions, `E` experts, `k` of them for each position.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { AuxiliaryLoss } from "../auxiliary_loss.ts";
import type { ExpertRoutes } from "./expert_routes.ts";

/** Its name in events. */
export const BALANCE_LOSS = "balanceLoss";

/**
 * Makes the loss `E · Σ f_e · p_e`, where `f_e` is the number of routes to expert `e` and `p_e` the sum of its
 * probabilities, both divided by the positions of all layers. It is `k` if all experts are used equally.
 *
 * @param experts `E`.
 * @param weight Its weight in the total loss.
 *
 * Source: W. Fedus et al., "Switch transformers: scaling to trillion parameter models with simple and efficient
 * sparsity", 2022, eq. 4 to 6, over all layers together as in transformers.
 */
export function balanceLoss(experts: number, weight: number): AuxiliaryLoss {
  return {
    name: BALANCE_LOSS,
    weight,
    size: 2 * experts + 1,
    valueAndGradient(sums) {
      const [routes, probabilities] = [sums.subarray(0, experts), sums.subarray(experts, 2 * experts)];
      const scale = experts / sums[2 * experts] ** 2;
      const gradient = new Float64Array(sums.length);
      // The choice has no gradient, and the number of positions does not change.
      gradient.set(routes.map((count) => count * scale), experts);
      return { value: routes.reduce((sum, count, i) => sum + count * probabilities[i], 0) * scale, gradient };
    },
  };
}

/**
 * A layer's sums: the routes to each expert, the sum of its probabilities, the positions.
 *
 * @param logits The router's, float32 `[S, E]`.
 * @param routes The choice.
 * @param counts The number of rows that each position belongs to, `[S]`.
 * @returns float32 `[2E + 1]`.
 */
export function balanceSums(
  logits: tf.Tensor2D,
  { experts, perPosition, loads }: ExpertRoutes,
  counts: Float32Array,
): tf.Tensor1D {
  const routes = new Float32Array(loads.length);
  experts.forEach((expert, route) => routes[expert] += counts[Math.floor(route / perPosition)]);
  const positions = counts.reduce((sum, count) => sum + count, 0);
  const weighted = tf.matMul(tf.tensor2d(counts, [1, counts.length]), tf.softmax(logits));
  return tf.concat([tf.tensor1d(routes), tf.reshape(weighted, [-1]), tf.tensor1d([positions])]) as tf.Tensor1D;
}
