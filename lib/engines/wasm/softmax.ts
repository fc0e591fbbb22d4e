/**
 * Softmax by the kernel written here, which takes the exponential four at a time and knows threads.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import { rowsJob } from "./jobs.ts";
import { replaceKernel } from "./replace_kernel.ts";

/** Replaces the kernel for the last axis of float32, the only one that tensorflow.js asks for. */
export function registerSoftmax(): void {
  replaceKernel("Softmax", (original) => (args) => {
    const { logits } = args.inputs as { logits: tf.TensorInfo };
    const { dim } = args.attrs as { dim: number };
    if (logits.dtype !== "float32" || dim !== logits.shape.length - 1) return original(args);
    const backend = args.backend as WasmBackend;
    const out = backend.makeOutput(logits.shape, "float32");
    const width = logits.shape[dim];
    const rows = tf.util.sizeFromShape(logits.shape.slice(0, -1));
    const tensors = [logits, out].map(({ dataId }) => backend.getMemoryOffset(dataId));
    if (width > 0) kernelsOf(backend).run(rowsJob("softmax", { rows, width, tensors }));
    return out;
  });
}
