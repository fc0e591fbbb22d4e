/**
 * The norms of the shared blocks.
 *
 * Shapes: `S` positions, `H` width, `A` heads, `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { layerNorm, rmsNorm } from "../../operations/mod.ts";
import type { DecoderConfig } from "./decoder_config.ts";
import type { ForwardInputs } from "../family.ts";

/**
 * Normalises states by the norm of that name.
 *
 * @param x float32 `[S, H]`.
 * @returns float32 `[S, H]`.
 */
export function norm(config: DecoderConfig, { parameter }: ForwardInputs, name: string, x: tf.Tensor): tf.Tensor {
  const { normEpsilon: epsilon } = config;
  const weight = parameter(`${name}.weight`);
  if (config.layerNorms) return layerNorm(x, { gain: weight, bias: parameter(`${name}.bias`) }, { epsilon });
  return rmsNorm(x, { gain: config.normsFromZero ? tf.add(weight, 1) : weight, epsilon });
}

/** Options for {@linkcode headNorm}. */
export interface HeadNormOptions extends ForwardInputs {
  /** The norm's name without its suffix, such as `_norm`. */
  name: string;
  /** The number of heads, `A`. */
  heads: number;
}

/**
 * Normalises the heads of query or key as the family does: not at all, each separately with a shared gain or a gain per
 * head, or all together.
 *
 * @param x float32 `[S, A · D]`.
 * @returns float32 `[S, A · D]`.
 */
export function headNorm(config: DecoderConfig, x: tf.Tensor, options: HeadNormOptions): tf.Tensor {
  const { name, heads } = options;
  if (!config.headNorms) return x;
  if (config.headNorms === "together") return norm(config, options, `${name}_norm`, x);
  const apart = tf.reshape(x, [-1, config.headSize]);
  if (config.headNorms !== "own") return tf.reshape(norm(config, options, `${name}_norm`, apart), x.shape);
  const gains = Array.from({ length: heads }, (_, head) => options.parameter(`${name}_layernorm.norms.${head}.weight`));
  const parameters = { gain: tf.ones([config.headSize]), bias: tf.zeros([config.headSize]) };
  const normal = layerNorm(apart, parameters, { epsilon: config.normEpsilon });
  return tf.mul(tf.reshape(normal, x.shape), tf.concat(gains));
}
