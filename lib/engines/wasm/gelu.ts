/**
 * The kernels TanhGelu and TanhGeluGrad, see `lib/operations/gelu.ts`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import { elementsJob } from "./jobs.ts";
import type { Job } from "./kernels.ts";

/** Registers the kernels. */
export function registerGelu(): void {
  register("TanhGelu", "gelu", ["x"]);
  register("TanhGeluGrad", "geluGradient", ["x", "dy"]);
}

/** Registers a kernel that is a job on its inputs, in this order, and its output. */
function register(kernelName: string, kind: Job["kind"], names: readonly string[]): void {
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, backend: ofKernel }) => {
      const backend = ofKernel as WasmBackend;
      const given = names.map((name) => inputs[name] as tf.TensorInfo);
      const out = backend.makeOutput(given[0].shape, "float32");
      const tensors = [...given, out].map(({ dataId }) => backend.getMemoryOffset(dataId));
      kernelsOf(backend).run(elementsJob(kind, { size: tf.util.sizeFromShape(out.shape), tensors }));
      return out;
    },
  });
}
