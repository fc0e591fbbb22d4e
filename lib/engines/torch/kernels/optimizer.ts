/**
 * Kernels of the optimizer: the norm of all gradients and the step of AdamW, each instead of thousands of small calls.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

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

/** Numbers whose squares libtorch's norm, which sums up in float32 as it goes, adds without a loss. */
const NORM_WIDTH = 1024;

/** The norm of numbers that lie side by side: the norm of the norms of `NORM_WIDTH` numbers at a time, and so on. */
function normOf(torch: Torch, numbers: Handle, count: number): Handle {
  if (count <= NORM_WIDTH) return torch.call("norm", numbers, [0], false);
  const rows = Math.floor(count / NORM_WIDTH), rest = count % NORM_WIDTH;
  const norms = [torch.call("norm", torch.view(numbers, [rows, NORM_WIDTH], [NORM_WIDTH, 1]), [1], false)];
  if (rest > 0) {
    norms.push(torch.call("norm", torch.view(numbers, [1, rest], [rest, 1], rows * NORM_WIDTH), [1], false));
  }
  return normOf(torch, torch.call("cat", norms, 0), norms.length === 1 ? rows : rows + 1);
}

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

/** Elements that a call works on at most, where it has more than one parameter: gradients in bfloat16 are copied for it. */
const BATCH_ELEMENTS = 2 ** 22;

/** Places in their order, in groups of at most `BATCH_ELEMENTS` elements unless one place alone has more. */
function batches(places: readonly number[], elements: (place: number) => number): number[][] {
  const found: number[][] = [];
  let sum = Infinity;
  for (const place of places) {
    sum += elements(place);
    if (sum > BATCH_ELEMENTS) found.push([]), sum = elements(place);
    found.at(-1)!.push(place);
  }
  return found;
}

/** Kernels of the optimizer. */
export const optimizerKernels: KernelGroup = {
  GlobalNorm: kernel(({ inputs, backend, torch }) => {
    const norms = (inputs as unknown as tf.TensorInfo[]).map((x) => {
      const numbers = torch.contiguous(torch.cast(backend.handle(x), dtypes.float32));
      const count = tf.util.sizeFromShape(x.shape);
      return normOf(torch, torch.view(numbers, [count], [1]), count);
    });
    return backend.own(normOf(torch, torch.call("stack", norms, 0), norms.length), [], "float32");
  }),

  /**
   * One call for many parameters of one decay, which clips the gradients in their own memory; those that share theirs get
   * their own first. The step's number and the clipping lie on the device, as CUDA asks for.
   */
  AdamW: kernel<AdamWAttributes>(({ inputs, attrs, backend, torch }) => {
    const { count, learningRate, weightDecay, step, gradientScale, beta1, beta2, epsilon } = attrs;
    const tensors = inputs as unknown as tf.TensorInfo[];
    const number = (value: number) => backend.upload(Float32Array.of(value), [], dtypes.float32);
    const steps = number(step);
    const divisor = gradientScale === 1 ? null : number(1 / gradientScale);
    const places = Array.from({ length: count }, (_, i) => i);
    // What shares its memory is copied before any of it is clipped.
    const copies = new Map<number, Handle>();
    const seen = new Set<bigint>();
    for (const i of divisor === null ? [] : places) {
      const gradient = backend.handle(tensors[count + i]), address = torch.address(gradient);
      const own = backend.refCount(tensors[count + i].dataId) === 1 && !seen.has(address);
      if (!own) copies.set(i, torch.multiplyScalar(gradient, 1));
      seen.add(address);
    }
    for (const [decay, group] of Map.groupBy(places, (i) => weightDecay[i])) {
      for (const batch of batches(group, (i) => tf.util.sizeFromShape(tensors[i].shape))) {
        torch.scope(() => {
          const list = (at: number): Handle[] => batch.map((i) => ownMemory(backend, tensors[at * count + i]));
          const gradients = batch.map((i) =>
            torch.contiguous(torch.cast(copies.get(i) ?? backend.handle(tensors[count + i]), dtypes.float32))
          );
          torch.callAll(
            "fusedAdamW",
            list(0),
            gradients,
            list(2),
            list(3),
            [],
            batch.map(() => steps),
            learningRate,
            beta1,
            beta2,
            decay,
            epsilon,
            false,
            false,
            divisor,
            null,
          );
          for (const i of batch) backend.refresh(tensors[i]);
        });
      }
    }
    return [];
  }),
};
