/**
 * Kernels of the optimizer: the norm of all gradients and the step of AdamW, each in place of thousands of small calls.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";

/** The attributes of the kernel AdamW, as `lib/operations/adam_w.ts` describes them. */
export interface AdamWAttributes {
  count: number;
  learningRate: number;
  weightDecay: number[];
  step: number;
  gradientScale: number;
  beta1: number;
  beta2: number;
  epsilon: number;
}

const axesOf = (x: tf.TensorInfo) => x.shape.map((_, axis) => axis);

/** The memory of a variable, for changing in place; a variable that shares its memory gets its own first. */
export function ownMemory(backend: TorchBackend, variable: tf.TensorInfo): Handle {
  const { torch } = backend;
  if (backend.refCount(variable.dataId) > 1 || !torch.isContiguous(backend.handle(variable))) {
    const copy = torch.empty(variable.shape, dtypes.float32);
    torch.copy(copy, backend.handle(variable));
    const { dataId, shape, dtype } = backend.own(copy, variable.shape, "float32");
    const tensor = tf.engine().makeTensorFromDataId(dataId, shape, dtype);
    (variable as tf.Variable).assign(tensor);
    tensor.dispose();
  }
  return backend.handle(variable);
}

/** Kernels of the optimizer. */
export const optimizerKernels: KernelGroup = {
  GlobalNorm: kernel(({ inputs, backend, torch }) => {
    const norms = (inputs as unknown as tf.TensorInfo[]).map((x) =>
      torch.call("norm", torch.cast(backend.handle(x), dtypes.float32), axesOf(x), false)
    );
    return backend.own(torch.call("norm", torch.call("stack", norms, 0), [0], false), [], "float32");
  }),

  AdamW: kernel<AdamWAttributes>(({ inputs, attrs, backend, torch }) => {
    const { count, learningRate, weightDecay, step, gradientScale, beta1, beta2, epsilon } = attrs;
    const tensors = inputs as unknown as tf.TensorInfo[];
    const steps = [torch.scalar(step)];
    for (let i = 0; i < count; i++) {
      torch.scope(() => {
        const [parameter, first, second] = [0, 2, 3].map((list) => ownMemory(backend, tensors[list * count + i]));
        const read = torch.contiguous(torch.cast(backend.handle(tensors[count + i]), dtypes.float32));
        const gradient = gradientScale === 1 ? read : torch.multiplyScalar(read, gradientScale);
        torch.callAll(
          "fusedAdamW",
          ...[[parameter], [gradient], [first], [second], [], steps] as const,
          ...[learningRate, beta1, beta2, weightDecay[i], epsilon] as const,
          ...[false, false, null, null] as const,
        );
        backend.refresh(tensors[i]);
      });
    }
    return [];
  }),
};
