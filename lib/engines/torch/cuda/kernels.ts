/**
 * Kernels that CUDA devices have instead of the processor's: because libtorch's operators there are others, or take
 * their numbers from the device's memory alone.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { kernel, type KernelGroup } from "../kernel.ts";
import { amidLossKernels } from "./amid_loss.ts";
import { cudaAttentionKernels } from "./attention.ts";
import type { CudaRuntime } from "./runtime.ts";

const ownKernels: KernelGroup = {
  /** The processor takes a float32 gain beside bfloat16 positions, CUDA wants one type; means stay float32. */
  LayerNorm: kernel<{ epsilon: number }>(({ inputs: { x, gain, bias }, attrs: { epsilon }, backend, torch }) => {
    const source = backend.handle(x);
    const [factor, term] = [gain, bias].map((input) => torch.cast(backend.operand(input), torch.dtype(source)));
    const results = torch.callAll("layerNorm", source, gain.shape, factor, term, epsilon);
    const perPosition = [...x.shape.slice(0, -gain.shape.length), ...gain.shape.map(() => 1)];
    return [x.shape, perPosition, perPosition].map((shape, i) => backend.own(results[i], shape, "float32"));
  }),

  LayerNormGrad: kernel(({ inputs, backend, torch }) => {
    const { dy, x, gain, mean, reciprocalDeviation } = inputs;
    const source = backend.handle(x);
    const [gradient, factor] = [backend.handle(dy), backend.operand(gain)].map((handle) =>
      torch.cast(handle, torch.dtype(source))
    );
    const results = torch.callAll(
      "layerNormBackward",
      gradient,
      source,
      gain.shape,
      backend.handle(mean),
      backend.handle(reciprocalDeviation),
      factor,
      factor,
      [true, true, true], // the bias counts only by its shape
    );
    return [x.shape, gain.shape, gain.shape].map((shape, i) => backend.own(results[i], shape, "float32"));
  }),

  /** CUDA's own clamp takes no bounds from the processor's memory. */
  ClipByValue: kernel<tf.ClipByValueAttrs>(({ inputs: { x }, attrs, backend, torch }) => {
    const raised = torch.call("maximum", backend.handle(x), torch.scalar(attrs.clipValueMin));
    return backend.own(torch.call("minimum", raised, torch.scalar(attrs.clipValueMax)), x.shape, x.dtype);
  }),
};

/** The kernels for a device. */
export function cudaKernels(runtime: CudaRuntime): KernelGroup {
  return { ...ownKernels, ...cudaAttentionKernels, ...amidLossKernels(runtime) };
}
