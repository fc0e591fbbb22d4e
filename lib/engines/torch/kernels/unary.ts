/**
 * Kernels of one tensor, element by element.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { kernel, type KernelGroup } from "../kernel.ts";
import type { OperatorName, operators } from "../operators.ts";
import { dtypes } from "../symbols.ts";

/** Operators that take one tensor. */
type UnaryOperator = {
  [Name in OperatorName]: (typeof operators)[Name]["takes"] extends readonly ["tensor"] ? Name : never;
}[OperatorName];

/** A kernel that is one operator; its result has the given type, or the input's. */
const plain = (operator: UnaryOperator, dtype?: tf.DataType) =>
  kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.call(operator, backend.handle(x)), x.shape, dtype ?? x.dtype)
  );

/** Operators of floats: whole numbers are cast, in bfloat16's place comes float32. */
const float = (operator: UnaryOperator) =>
  kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.call(operator, torch.cast(backend.handle(x), dtypes.float32)), x.shape, "float32")
  );

/** Kernels of one tensor, element by element. */
export const unaryKernels: KernelGroup = {
  Abs: plain("abs"),
  Acos: float("acos"),
  Acosh: float("acosh"),
  Asin: float("asin"),
  Asinh: float("asinh"),
  Atan: float("atan"),
  Atanh: float("atanh"),
  Ceil: plain("ceil"),
  Cos: float("cos"),
  Cosh: float("cosh"),
  Erf: float("erf"),
  Exp: float("exp"),
  Expm1: float("expm1"),
  Floor: plain("floor"),
  IsFinite: plain("isfinite", "bool"),
  IsInf: plain("isinf", "bool"),
  IsNan: plain("isnan", "bool"),
  Log: float("log"),
  Log1p: float("log1p"),
  LogicalNot: plain("logicalNot", "bool"),
  Neg: plain("neg"),
  Reciprocal: float("reciprocal"),
  Round: plain("round"),
  Rsqrt: float("rsqrt"),
  Sigmoid: float("sigmoid"),
  Sign: plain("sign"),
  Sin: float("sin"),
  Sinh: float("sinh"),
  Sqrt: float("sqrt"),
  Tan: float("tan"),
  Tanh: float("tanh"),

  Square: kernel(({ inputs: { x }, backend, torch }) => {
    const handle = backend.handle(x);
    return backend.own(torch.call("multiply", handle, handle), x.shape, x.dtype);
  }),

  ClipByValue: kernel<tf.ClipByValueAttrs>(({ inputs: { x }, attrs, backend, torch }) => {
    const low = torch.scalar(attrs.clipValueMin), high = torch.scalar(attrs.clipValueMax);
    return backend.own(torch.call("clamp", backend.handle(x), low, high), x.shape, x.dtype);
  }),

  /** 1 above zero, `alpha` below, NaN for NaN. */
  Step: kernel<tf.StepAttrs>(({ inputs: { x }, attrs, backend, torch }) => {
    const handle = backend.handle(x);
    const above = torch.call("greater", handle, torch.scalar(0));
    const steps = torch.call("where", above, torch.scalar(1), torch.scalar(attrs.alpha));
    const kept = torch.call("where", torch.call("isnan", handle), torch.cast(handle, dtypes.float32), steps);
    return backend.own(kept, x.shape, x.dtype);
  }),
};
