/**
 * Kernels of two tensors, element by element, with broadcasting.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { kernel, type KernelCall, type KernelGroup } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

type Combine = (torch: Torch, a: Handle, b: Handle) => Handle;

function broadcast({ inputs: { a, b } }: KernelCall<unknown>): number[] {
  return tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
}

/** Floats as they are stored; whole numbers too, for operators that know them. */
const direct = (combine: Combine, dtype?: tf.DataType) =>
  kernel((call) => {
    const { inputs: { a, b }, backend, torch } = call;
    const shape = broadcast(call);
    return backend.own(combine(torch, backend.handle(a), backend.handle(b)), shape, dtype ?? a.dtype);
  });

/**
 * Floats as they are stored; whole numbers in float64, which holds every one of them: libtorch has no entry for them
 * here, or raises an error where tensorflow.js does not.
 */
const throughDouble = (combine: Combine, { dtype, always = false }: { dtype?: tf.DataType; always?: boolean } = {}) =>
  kernel((call) => {
    const { inputs: { a, b }, backend, torch } = call;
    const shape = broadcast(call);
    const asIs = !always && a.dtype === "float32" && b.dtype === "float32";
    const [x, y] = [a, b].map((input) => {
      const handle = backend.handle(input);
      return asIs ? handle : torch.cast(handle, dtypes.float64);
    });
    return backend.own(combine(torch, x, y), shape, dtype ?? a.dtype);
  });

/** Kernels of two tensors, element by element. */
export const binaryKernels: KernelGroup = {
  Add: throughDouble((torch, a, b) => torch.add(a, b)),
  Sub: throughDouble((torch, a, b) => torch.subtract(a, b)),
  Multiply: direct((torch, a, b) => torch.call("multiply", a, b)),
  RealDiv: throughDouble((torch, a, b) => torch.call("divide", a, b)),
  FloorDiv: throughDouble((torch, a, b) => torch.call("floor", torch.call("divide", a, b)), {
    dtype: "int32",
    always: true,
  }),
  Mod: throughDouble((torch, a, b) => torch.call("remainder", a, b)),
  Pow: throughDouble((torch, a, b) => torch.call("pow", a, b)),
  Atan2: throughDouble((torch, a, b) => torch.call("atan2", a, b)),
  Maximum: direct((torch, a, b) => torch.call("maximum", a, b)),
  Minimum: direct((torch, a, b) => torch.call("minimum", a, b)),
  BitwiseAnd: direct((torch, a, b) => torch.call("bitwiseAnd", a, b)),
  SquaredDifference: throughDouble((torch, a, b) => {
    const difference = torch.subtract(a, b);
    return torch.call("multiply", difference, difference);
  }),

  Equal: direct((torch, a, b) => torch.call("equal", a, b), "bool"),
  NotEqual: direct((torch, a, b) => torch.call("notEqual", a, b), "bool"),
  Greater: direct((torch, a, b) => torch.call("greater", a, b), "bool"),
  GreaterEqual: direct((torch, a, b) => torch.call("greaterEqual", a, b), "bool"),
  Less: direct((torch, a, b) => torch.call("less", a, b), "bool"),
  LessEqual: direct((torch, a, b) => torch.call("lessEqual", a, b), "bool"),
  LogicalAnd: direct((torch, a, b) => torch.call("logicalAnd", a, b), "bool"),
  LogicalOr: direct((torch, a, b) => torch.call("logicalOr", a, b), "bool"),
  LogicalXor: direct((torch, a, b) => torch.call("logicalXor", a, b), "bool"),

  AddN: kernel(({ inputs, backend, torch }) => {
    const terms = inputs as unknown as tf.TensorInfo[];
    const [first] = terms;
    const handles = terms.map((term) => {
      const handle = backend.handle(term);
      return first.dtype === "float32" ? handle : torch.cast(handle, dtypes.float64);
    });
    const total = handles.length === 1
      ? torch.alias(handles[0])
      : handles.reduce((sum, handle) => torch.add(sum, handle));
    return backend.own(total, first.shape, first.dtype);
  }),

  /** Elements of `t` where the condition holds, of `e` where not. */
  Select: kernel(({ inputs: { condition, t, e }, backend, torch }) => {
    const chosen = torch.call("where", backend.handle(condition), backend.handle(t), backend.handle(e));
    return backend.own(chosen, t.shape, tf.backend_util.upcastType(t.dtype, e.dtype));
  }),
};
