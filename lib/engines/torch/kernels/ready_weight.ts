/**
 * Products of weights that were made ready, as `lib/operations/ready_weights.ts` describes them.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup, reshape, type Shaped } from "../kernel.ts";
import { dtypes } from "../symbols.ts";
import type { Product } from "./product.ts";

/** Kernels of weights that are ready. */
export const readyWeightKernels: KernelGroup = {
  ReadyWeight: kernel<{ inputFirst: boolean }>(({ inputs: { weight }, attrs, backend }) => {
    backend.readyWeights.make(weight, attrs);
    return backend.share(weight);
  }),

  ReleaseWeight: kernel(({ inputs: { weight }, backend }) => {
    backend.readyWeights.release(weight);
    return backend.share(weight);
  }),
};

/** A product with a weight. */
interface WeightProduct extends Pick<Product, "bias" | "activation"> {
  x: Shaped;
  weight: tf.TensorInfo;
  /** Whether the weight has the layout `[I, O]`. */
  inputFirst: boolean;
}

/**
 * The product with a weight, its bias and its activation in one call.
 *
 * @returns The product; undefined if the weight is not ready.
 */
export function readyProduct(
  backend: TorchBackend,
  { x, weight, inputFirst, bias, activation }: WeightProduct,
): Shaped | undefined {
  const ready = backend.readyWeights.get(weight);
  if (ready === undefined || ready.inputFirst !== inputFirst) return undefined;
  const { torch } = backend;
  const [inputs, outputs] = inputFirst ? weight.shape : weight.shape.toReversed();
  const leading = x.shape.slice(0, -1);
  const rows = tf.util.sizeFromShape(leading as number[]);
  const dtype = ready.low ? dtypes.bfloat16 : dtypes.float32;
  const left = torch.cast(reshape(torch, x, [rows, inputs]), dtype);
  const term = bias && torch.cast(bias.handle, dtype);
  const product = torch.linear(left, ready.handle, { bias: term, activation })!;
  const isLow = backend.precision === "bfloat16" ||
    [x.handle, backend.handle(weight)].some((handle) => torch.dtype(handle) === dtypes.bfloat16);
  const stored = isLow ? torch.cast(product, dtypes.bfloat16) : product;
  const shape = [...leading, outputs];
  return { handle: reshape(torch, { handle: stored, shape: [rows, outputs] }, shape), shape };
}
