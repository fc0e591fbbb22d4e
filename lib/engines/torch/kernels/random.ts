/**
 * Kernels that draw. Their numbers come from the seed that tensorflow.js passes: libtorch's own generator is not used.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { kernel, type KernelGroup } from "../kernel.ts";
import { dtypes } from "../symbols.ts";

/** Uniform numbers in [0, 1) from a seed of any size: the counter-based mixer "splitmix32". */
export function uniformNumbers(seed: number, length: number): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(new Float64Array([seed]).buffer);
  let state = (Math.imul(words[0], 0x9e3779b1) ^ Math.imul(words[1], 0x85ebca77)) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 8) / 2 ** 24;
  });
}

/** Kernels that draw. */
export const randomKernels: KernelGroup = {
  /** For each row of logits (or of probabilities, where `normalized`) the indices of `numSamples` draws. */
  Multinomial: kernel<tf.MultinomialAttrs>(({ inputs: { logits }, attrs, backend, torch }) => {
    const { numSamples, seed, normalized } = attrs;
    const [rows, events] = logits.shape;
    const x = torch.cast(backend.handle(logits), dtypes.float32);
    const probabilities = normalized ? x : torch.call("softmax", x, 1, false);
    const cumulative = torch.call("cumsum", probabilities, 1, dtypes.float64);
    // Draws are scaled by the total, so that its rounding gives no event more than its share.
    const total = torch.view(cumulative, [rows, 1], torch.strides(cumulative, 2), events - 1);
    const uniform = backend.upload(uniformNumbers(seed, rows * numSamples), [rows, numSamples], dtypes.float32);
    const draws = torch.contiguous(torch.call("multiply", torch.cast(uniform, dtypes.float64), total));
    const places = torch.call("searchSorted", torch.contiguous(cumulative), draws, true, true, null, null);
    return backend.own(places, [rows, numSamples], "int32");
  }),
};
