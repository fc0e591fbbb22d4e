/**
 * The inner layer of a mixture of experts: a router sends each position to a few of many gated inner layers and sums
 * their weighted outputs. An expert processes only its positions.
 *
 * Shapes: `S` positions, `H` hidden width, `E` experts, `k` of them for each position, `P = S · k` routes.
 *
 * Source: N. Shazeer et al., "Outrageously large neural networks: the sparsely-gated mixture-of-experts layer", 2017.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fromExperts, toExperts } from "../../operations/mod.ts";
import { BALANCE_LOSS, balanceSums } from "./balance_loss.ts";
import { chooseExperts, routeWeights } from "./expert_routes.ts";
import { areStacked, type ExpertsConfig } from "./experts_config.ts";
import { project } from "./projection.ts";
import type { BlockInputs } from "./through_block.ts";

/** Options for {@linkcode routedExperts}. */
export interface RoutedExpertsOptions {
  /** The name of the block. */
  block: string;
  /**
   * Computes the experts' outputs.
   *
   * @param x Rows sorted by expert, float32 `[P, H]`.
   * @param loads The number of rows per expert, `[E]`.
   * @returns float32 `[P, H]`.
   */
  answer: (x: tf.Tensor2D, loads: readonly number[]) => tf.Tensor;
}

/**
 * Computes the layer, and the sums of its balance loss if requested.
 *
 * @param x float32 `[S, H]`.
 * @returns float32 `[S, H]`.
 */
export function routedExperts(
  { chosen, normalized, router, form }: ExpertsConfig,
  x: tf.Tensor,
  inputs: BlockInputs & RoutedExpertsOptions,
): tf.Tensor {
  const { block, answer, auxiliary } = inputs;
  const logits = project(inputs, x, { name: `${block}.${router}`, bias: areStacked(form) }) as tf.Tensor2D;
  const routes = chooseExperts(logits, chosen);
  inputs.onExperts?.(inputs.layer, routes.loads);
  auxiliary?.add(BALANCE_LOSS, balanceSums(logits, routes, auxiliary.counts));
  const weights = routeWeights(logits, routes, { normalized });
  const answers = fromExperts(answer(toExperts(x, routes), routes.loads), routes);
  return tf.sum(tf.mul(answers, tf.expandDims(weights, 2)), 1);
}

/**
 * Applies each expert to its rows.
 *
 * @param x Rows sorted by expert, float32 `[P, H]`.
 * @param loads The number of rows per expert, `[E]`.
 * @param inner Computes an expert's output for its rows.
 * @returns float32 `[P, H]`.
 */
export function ofEachExpert(
  x: tf.Tensor2D,
  loads: readonly number[],
  inner: (x: tf.Tensor, expert: number) => tf.Tensor,
): tf.Tensor {
  const busy = loads.flatMap((load, expert) => load > 0 ? [expert] : []);
  if (busy.length === 1) return inner(x, busy[0]);
  const parts = tf.split(x, busy.map((expert) => loads[expert]), 0);
  return tf.concat(busy.map((expert, i) => inner(parts[i], expert)), 0);
}
