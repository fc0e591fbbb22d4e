/**
 * The dropout mask of adapters.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { RandomStream } from "../../random/random.ts";

/** Options for {@linkcode dropoutMask}. */
export interface DropoutMaskOptions {
  /** The share that is dropped, in `[0, 1)`, to 16 bits. */
  dropout: number;
  /** The random stream. */
  stream: RandomStream;
}

/**
 * Draws a mask: 0 where an input is dropped, `1 / (1 − dropout)` elsewhere. It is drawn on the CPU, so that all engines
 * drop the same inputs.
 *
 * @param shape The inputs' shape.
 * @returns float32 of that shape.
 *
 * Source: N. Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
 */
export function dropoutMask(shape: number[], { dropout, stream }: DropoutMaskOptions): tf.Tensor {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const [kept, threshold] = [1 / (1 - dropout), Math.round(dropout * 65536)];
  const mask = new Float32Array(size);
  for (let i = 0; i < size; i += 2) {
    const bits = stream.bits();
    if ((bits & 0xffff) >= threshold) mask[i] = kept;
    if (i + 1 < size && bits >>> 16 >= threshold) mask[i + 1] = kept;
  }
  return tf.tensor(mask, shape);
}
