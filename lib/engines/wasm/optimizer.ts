/**
 * The kernel AdamW, see `lib/operations/adam_w.ts`: a job for each parameter, in place.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import { elementsJob } from "./jobs.ts";
import { ADAM_W_NUMBERS } from "./kernels/adam_w.ts";

/** The kernel's attributes. */
interface AdamWAttributes {
  count: number;
  learningRate: number;
  weightDecay: number[];
  step: number;
  gradientScale: number;
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** Registers the kernel. */
export function registerOptimizer(): void {
  tf.registerKernel({
    kernelName: "AdamW",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend: ofKernel }) => {
      const backend = ofKernel as WasmBackend;
      const kernels = kernelsOf(backend);
      const { count, learningRate, weightDecay, step, gradientScale, beta1, beta2, epsilon } =
        attrs as unknown as AdamWAttributes;
      const tensors = Object.values(inputs) as tf.TensorInfo[];
      for (let i = 0; i < count; i++) {
        const own = [0, 1, 2, 3].map((kind) => tensors[i + kind * count]);
        const numbers: Record<typeof ADAM_W_NUMBERS[number], number> = {
          gradientScale,
          beta1,
          oneLessBeta1: 1 - beta1,
          beta2,
          oneLessBeta2: 1 - beta2,
          rootCorrection: 1 / Math.sqrt(1 - beta2 ** step),
          epsilon,
          kept: 1 - learningRate * weightDecay[i],
          stepSize: learningRate / (1 - beta1 ** step),
        };
        for (const kind of [0, 2, 3]) ownMemory(backend, own[kind] as tf.Variable);
        kernels.run(elementsJob("adamW", {
          size: tf.util.sizeFromShape(own[0].shape),
          tensors: own.map(({ dataId }) => backend.getMemoryOffset(dataId)),
          numbers: ADAM_W_NUMBERS.map((name) => numbers[name]),
        }));
      }
      return [];
    },
  });
}

/** Gives a variable that shares its memory with other tensors its own, so that they keep their values. */
function ownMemory(backend: WasmBackend, variable: tf.Variable): void {
  if (backend.refCount(variable.dataId) === 1) return;
  const { dataId, shape, dtype } = backend.makeOutput(variable.shape, variable.dtype);
  const copy = tf.engine().makeTensorFromDataId(dataId, shape, dtype);
  backend.typedArrayFromHeap(copy).set(backend.typedArrayFromHeap(variable));
  variable.assign(copy);
  copy.dispose();
}
