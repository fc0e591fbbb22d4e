/**
 * Where each kernel that only CUDA devices have was executed.
 *
 * @module
 */
import type { Result } from "./lines.ts";

/** A kernel and where it ran. */
export interface KernelPlace {
  kernel: string;
  /** Its parts. */
  made: string;
  /** What executed it where there is no GPU. */
  processor: string;
  /** What executed it on the device of this result. */
  device: string;
}

interface CudaKernel {
  made: string;
  /** The check that executes it on the processor; else the tests' emulated device. */
  onProcessor?: string;
  /** The checks that execute it on a device. */
  onDevice: readonly string[];
}

const SOURCE = "CUDA C++";
const EMULATED = "libtorch's operators on the emulated device of `tests/engines/torch/cuda/`";

/** Every kernel that CUDA devices have instead of the processor's, and the parts of those of our own. */
const cudaKernelList: Readonly<Record<string, CudaKernel>> = {
  "AmidLoss": { made: SOURCE, onProcessor: "cuda-on-processor", onDevice: ["cuda-loss", "golden-losses"] },
  "AmidLoss: stage, block_sum, block_max, Normaliser": {
    made: SOURCE,
    onProcessor: "cuda-on-processor",
    onDevice: ["cuda-loss"],
  },
  "AmidLoss: load and store of bfloat16": {
    made: SOURCE,
    onProcessor: "cuda-on-processor",
    onDevice: ["cuda-loss", "loss-speed"],
  },
  "AmidLoss: power_mean, partials": { made: SOURCE, onProcessor: "cuda-on-processor", onDevice: ["cuda-loss"] },
  "LayerNorm": { made: "native_layer_norm", onDevice: ["conformance-fused", "models"] },
  "LayerNormGrad": { made: "native_layer_norm_backward", onDevice: ["conformance-fused", "reference-runs"] },
  "ClipByValue": { made: "maximum, minimum", onDevice: ["conformance-elementwise"] },
  "CausalAttention in float32": { made: "_efficient_attention_forward", onDevice: ["attention", "models"] },
  "CausalAttentionGrad in float32": { made: "_efficient_attention_backward", onDevice: ["attention"] },
  "CausalAttention in bfloat16": { made: "_flash_attention_forward", onDevice: ["attention", "storage"] },
  "CausalAttentionGrad in bfloat16": { made: "_flash_attention_backward", onDevice: ["attention"] },
  "RmsNormGrad": { made: "_fused_rms_norm_backward", onDevice: ["conformance-fused"] },
};

/** The kernels, with what this result says of them. */
export function kernelPlaces({ device, lines }: Result): KernelPlace[] {
  const said = (names: readonly string[]) =>
    names.map((name) => `${name}: ${lines.find((line) => line.name === name)?.status ?? "not run"}`).join(", ");
  return Object.entries(cudaKernelList).map(([kernel, { made, onProcessor, onDevice }]) => ({
    kernel,
    made,
    processor: onProcessor ? `g++ compiles the same source; ${said([onProcessor])}` : EMULATED,
    device: device.startsWith("cuda") ? said(onDevice) : "no",
  }));
}
