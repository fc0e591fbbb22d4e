/**
 * Kernels of activation functions, and what a fused matrix product applies to its result.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { kernel, type KernelGroup } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import type { Torch } from "../torch.ts";

/** `x` where it is not negative, `slope · x` where it is. */
function leaky(torch: Torch, { x, slope }: { x: Handle; slope: Handle }): Handle {
  const below = torch.call("less", x, torch.scalar(0));
  return torch.call("where", below, torch.call("multiply", x, slope), x);
}

function elu(torch: Torch, x: Handle): Handle {
  const above = torch.call("greaterEqual", x, torch.scalar(0));
  return torch.call("where", above, x, torch.call("expm1", x));
}

/** What a fused kernel does to its result. */
export interface FusedActivation {
  activation: string | undefined;
  leakyreluAlpha?: number;
  /** The slopes of `prelu`. */
  slopes?: Handle;
}

/**
 * Applies the activation of a fused kernel.
 *
 * @throws {RangeError} If there is no activation of that name.
 */
export function activate(torch: Torch, x: Handle, options: FusedActivation): Handle {
  const { activation = "linear", leakyreluAlpha = 0.2, slopes } = options;
  if (activation === "linear") return x;
  if (activation === "relu" || activation === "relu6" || activation === "sigmoid") return torch.call(activation, x);
  if (activation === "elu") return elu(torch, x);
  if (activation === "leakyrelu") return leaky(torch, { x, slope: torch.scalar(leakyreluAlpha) });
  if (activation === "prelu" && slopes !== undefined) return leaky(torch, { x, slope: slopes });
  throw new RangeError(`Cannot fuse an activation: it must be one of tensorflow.js's, current value is ${activation}`);
}

/** Kernels of activation functions. */
export const activationKernels: KernelGroup = {
  Relu: kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.call("relu", backend.handle(x)), x.shape, x.dtype)
  ),

  Relu6: kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.call("relu6", backend.handle(x)), x.shape, x.dtype)
  ),

  Selu: kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.call("selu", backend.handle(x)), x.shape, x.dtype)
  ),

  Elu: kernel(({ inputs: { x }, backend, torch }) => backend.own(elu(torch, backend.handle(x)), x.shape, x.dtype)),

  /** `dy` where y ≥ 0, `dy (y + 1)` elsewhere. */
  EluGrad: kernel(({ inputs: { dy, y }, backend, torch }) => {
    const [gradient, value] = [backend.handle(dy), backend.handle(y)];
    const below = torch.call("multiply", gradient, torch.addScalar(value, 1));
    const above = torch.call("greaterEqual", value, torch.scalar(0));
    return backend.own(torch.call("where", above, gradient, below), y.shape, dy.dtype);
  }),

  LeakyRelu: kernel<tf.LeakyReluAttrs>(({ inputs: { x }, attrs, backend, torch }) =>
    backend.own(leaky(torch, { x: backend.handle(x), slope: torch.scalar(attrs.alpha) }), x.shape, "float32")
  ),

  Prelu: kernel(({ inputs: { x, alpha }, backend, torch }) =>
    backend.own(leaky(torch, { x: backend.handle(x), slope: backend.handle(alpha) }), x.shape, "float32")
  ),

  /** `log(1 + exp x)`. */
  Softplus: kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.call("logaddexp", backend.handle(x), torch.scalar(0)), x.shape, "float32")
  ),
};
