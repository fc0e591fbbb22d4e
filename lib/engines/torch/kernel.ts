/**
 * How a kernel of the engine is written: a function from inputs and attributes to tensors, in a scope that frees
 * whatever it made and did not return.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "./backend.ts";
import type { Handle } from "./operators.ts";
import type { Torch } from "./torch.ts";
import { broadcastStrides, contiguousStrides, reshapedStrides } from "./views.ts";

/** The arguments of a kernel. */
export interface KernelCall<Attributes = Record<string, unknown>> {
  readonly inputs: Record<string, tf.TensorInfo>;
  readonly attrs: Attributes;
  readonly backend: TorchBackend;
  readonly torch: Torch;
}

/** A kernel: its result is made by the backend's `own` or `share`. */
// The attributes of each kernel are of its own kind; tensorflow.js fixes them by the kernel's name.
export type Kernel = (call: KernelCall<never>) => tf.TensorInfo | tf.TensorInfo[];

/** Kernels by the names that tensorflow.js gives them. */
export type KernelGroup = Record<string, Kernel>;

/** Declares a kernel whose attributes have a type. */
export function kernel<Attributes = Record<string, unknown>>(
  run: (call: KernelCall<Attributes>) => tf.TensorInfo | tf.TensorInfo[],
): Kernel {
  return run as Kernel;
}

/** Registers kernels with tensorflow.js, each running in its own scope. */
export function registerKernels(group: KernelGroup, backendName: string): void {
  for (const [kernelName, run] of Object.entries(group)) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const { torch } = backend as TorchBackend;
        torch.threads.suit(mostElements(inputs, attrs));
        return torch.scope(() => run({ inputs, attrs, backend, torch } as unknown as KernelCall<never>));
      },
    });
  }
}

/** The elements of the largest input, or of the shape to be filled where a kernel has that instead. */
function mostElements(inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap | undefined): number {
  let most = 0;
  for (const name in inputs) {
    const shape = inputs[name]?.shape;
    if (!shape) continue;
    let elements = 1;
    for (let axis = 0; axis < shape.length; axis++) elements *= shape[axis];
    if (elements > most) most = elements;
  }
  if (most === 0 && Array.isArray(attrs?.shape)) most = tf.util.sizeFromShape(attrs.shape as number[]);
  return most;
}

/**
 * Registers a refusal for each kernel that tensorflow.js knows and the engine lacks, so that the error gives advice.
 *
 * @param group The kernels that the engine has.
 */
export function refuseOtherKernels(group: KernelGroup, backendName: string): void {
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    if (kernelName in group) continue;
    const refuse = () => {
      throw new TypeError(
        `Cannot run ${kernelName} on the engine "${backendName}": it has no such kernel; ` +
          `one can be added in lib/engines/${backendName}/kernels/, and the engine "cpu" has it`,
      );
    };
    tf.registerKernel({ kernelName, backendName, kernelFunc: refuse });
  }
}

/** A tensor of libtorch with the shape that tensorflow.js gives it. */
export interface Shaped {
  handle: Handle;
  shape: readonly number[];
}

/** The input of a kernel as a tensor of libtorch. */
export function shaped(backend: TorchBackend, input: tf.TensorInfo): Shaped {
  return { handle: backend.handle(input), shape: input.shape };
}

/** The elements under another shape: a view where possible, else a copy in order. */
export function reshape(torch: Torch, { handle, shape }: Shaped, to: readonly number[]): Handle {
  if (torch.isContiguous(handle)) return torch.view(handle, to, contiguousStrides(to));
  const strides = reshapedStrides({ shape, strides: torch.strides(handle, shape.length) }, to);
  return strides ? torch.view(handle, to, strides) : torch.view(torch.contiguous(handle), to, contiguousStrides(to));
}

/** A view with the axes in another order. */
export function permute(torch: Torch, { handle, shape }: Shaped, axes: readonly number[]): Handle {
  const strides = torch.strides(handle, shape.length);
  return torch.view(handle, axes.map((axis) => shape[axis]), axes.map((axis) => strides[axis]));
}

/** A view that repeats axes of size 1 up to a shape. */
export function expand(torch: Torch, { handle, shape }: Shaped, to: readonly number[]): Handle {
  return torch.view(handle, to, broadcastStrides({ shape, strides: torch.strides(handle, shape.length) }, to));
}

/** The axis counted from the front. */
export function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
