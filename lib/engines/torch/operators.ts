/**
 * The ATen operators that the engine calls through the dispatcher, as data: name, overload and argument types, in the
 * order of the operator's schema.
 *
 * @module
 */
import { attentionOperators } from "./attention_operators.ts";
import type { ArgumentType, ArgumentTypes, Operator } from "./operator.ts";

export type { ArgumentType, ArgumentTypes, Handle, Operator } from "./operator.ts";

const unary = <const Name extends string>(name: Name) => ({ schema: `aten::${name}`, takes: ["tensor"] }) as const;
const binary = <const Name extends string>(name: Name) =>
  ({ schema: `aten::${name}`, takes: ["tensor", "tensor"] }) as const;

/** Every operator by the name that kernels call it with. */
export const operators = {
  abs: unary("abs"),
  acos: unary("acos"),
  acosh: unary("acosh"),
  asin: unary("asin"),
  asinh: unary("asinh"),
  atan: unary("atan"),
  atanh: unary("atanh"),
  ceil: unary("ceil"),
  cos: unary("cos"),
  cosh: unary("cosh"),
  erf: unary("erf"),
  exp: unary("exp"),
  expm1: unary("expm1"),
  floor: unary("floor"),
  isfinite: unary("isfinite"),
  isinf: unary("isinf"),
  isnan: unary("isnan"),
  log: unary("log"),
  log1p: unary("log1p"),
  logicalNot: unary("logical_not"),
  neg: unary("neg"),
  reciprocal: unary("reciprocal"),
  relu: unary("relu"),
  relu6: unary("relu6"),
  round: unary("round"),
  rsqrt: unary("rsqrt"),
  selu: unary("selu"),
  sigmoid: unary("sigmoid"),
  sign: unary("sign"),
  silu: unary("silu"),
  sin: unary("sin"),
  sinh: unary("sinh"),
  sqrt: unary("sqrt"),
  tan: unary("tan"),
  tanh: unary("tanh"),

  atan2: binary("atan2"),
  bitwiseAnd: binary("bitwise_and.Tensor"),
  shiftRight: binary("bitwise_right_shift.Tensor"),
  divide: binary("div.Tensor"),
  equal: binary("eq.Tensor"),
  greater: binary("gt.Tensor"),
  greaterEqual: binary("ge.Tensor"),
  less: binary("lt.Tensor"),
  lessEqual: binary("le.Tensor"),
  logaddexp: binary("logaddexp"),
  logicalAnd: binary("logical_and"),
  logicalOr: binary("logical_or"),
  logicalXor: binary("logical_xor"),
  maximum: binary("maximum"),
  minimum: binary("minimum"),
  multiply: binary("mul.Tensor"),
  notEqual: binary("ne.Tensor"),
  pow: binary("pow.Tensor_Tensor"),
  remainder: binary("remainder.Tensor"),
  sigmoidBackward: binary("sigmoid_backward"),
  tanhBackward: binary("tanh_backward"),
  where: { schema: "aten::where.self", takes: ["tensor", "tensor", "tensor"] },
  clamp: { schema: "aten::clamp.Tensor", takes: ["tensor", "tensor?", "tensor?"] },

  sum: { schema: "aten::sum.dim_IntList", takes: ["tensor", "ints?", "bool", "dtype?"] },
  mean: { schema: "aten::mean.dim", takes: ["tensor", "ints?", "bool", "dtype?"] },
  amax: { schema: "aten::amax", takes: ["tensor", "ints", "bool"] },
  // values and their places
  maxAlong: { schema: "aten::max.dim", takes: ["tensor", "int", "bool"], returns: 2 },
  amin: { schema: "aten::amin", takes: ["tensor", "ints", "bool"] },
  prod: { schema: "aten::prod.dim_int", takes: ["tensor", "int", "bool", "dtype?"] },
  all: { schema: "aten::all.dims", takes: ["tensor", "ints?", "bool"] },
  any: { schema: "aten::any.dims", takes: ["tensor", "ints?", "bool"] },
  argmax: { schema: "aten::argmax", takes: ["tensor", "int?", "bool"] },
  argmin: { schema: "aten::argmin", takes: ["tensor", "int?", "bool"] },
  cumsum: { schema: "aten::cumsum", takes: ["tensor", "int", "dtype?"] },
  cumprod: { schema: "aten::cumprod", takes: ["tensor", "int", "dtype?"] },
  softmax: { schema: "aten::_softmax", takes: ["tensor", "int", "bool"] },
  logSoftmax: { schema: "aten::_log_softmax", takes: ["tensor", "int", "bool"] },
  // gradient of the logarithms, the logarithms, axis, type of the logits
  logSoftmaxBackward: { schema: "aten::_log_softmax_backward_data", takes: ["tensor", "tensor", "int", "dtype"] },
  topk: { schema: "aten::topk", takes: ["tensor", "int", "int", "bool", "bool"], returns: 2 },
  sort: { schema: "aten::sort.stable", takes: ["tensor", "bool?", "int", "bool"], returns: 2 },
  searchSorted: {
    schema: "aten::searchsorted.Tensor",
    takes: ["tensor", "tensor", "bool", "bool", "absent", "tensor?"],
  },

  contiguous: { schema: "aten::contiguous", takes: ["tensor", "int"] },
  // the same bytes as numbers of another type
  viewAs: { schema: "aten::view.dtype", takes: ["tensor", "dtype"] },
  to: { schema: "aten::to.dtype", takes: ["tensor", "dtype", "bool", "bool", "absent"] },
  cat: { schema: "aten::cat", takes: ["tensors", "int"] },
  stack: { schema: "aten::stack", takes: ["tensors", "int"] },
  flip: { schema: "aten::flip", takes: ["tensor", "ints"] },
  tile: { schema: "aten::tile", takes: ["tensor", "ints"] },

  indexSelect: { schema: "aten::index_select", takes: ["tensor", "int", "tensor"] },
  gather: { schema: "aten::gather", takes: ["tensor", "int", "tensor", "bool"] },
  clampMinInPlace: binary("clamp_min_.Tensor"),
  expInPlace: unary("exp_"),
  multiplyInPlace: binary("mul_.Tensor"),
  scatterInPlace: { schema: "aten::scatter_.src", takes: ["tensor", "int", "tensor", "tensor"] },
  scatterAddInPlace: { schema: "aten::scatter_add_", takes: ["tensor", "int", "tensor", "tensor"] },
  indexCopy: { schema: "aten::index_copy", takes: ["tensor", "int", "tensor", "tensor"] },
  embedding: { schema: "aten::embedding", takes: ["tensor", "tensor", "int", "bool", "bool"] },
  embeddingBackward: {
    schema: "aten::embedding_dense_backward",
    takes: ["tensor", "tensor", "int", "int", "bool"],
  },

  layerNorm: {
    schema: "aten::native_layer_norm",
    takes: ["tensor", "ints", "tensor?", "tensor?", "float"],
    returns: 3,
  },
  layerNormBackward: {
    schema: "aten::native_layer_norm_backward",
    takes: ["tensor", "tensor", "ints", "tensor", "tensor", "tensor?", "tensor?", "bools"],
    returns: 3,
  },
  rmsNorm: { schema: "aten::_fused_rms_norm", takes: ["tensor", "ints", "tensor?", "float?"], returns: 2 },
  // on CUDA alone
  rmsNormBackward: {
    schema: "aten::_fused_rms_norm_backward",
    takes: ["tensor", "tensor", "ints", "tensor", "tensor?", "bools"],
    returns: 2,
  },
  siluBackward: binary("silu_backward"),
  gelu: { schema: "aten::gelu", takes: ["tensor", "string"] },
  geluBackward: { schema: "aten::gelu_backward", takes: ["tensor", "tensor", "string"] },
  ...attentionOperators,

  norm: { schema: "aten::frobenius_norm.dim", takes: ["tensor", "ints", "bool"] },
  // parameters, gradients, first and second moments, largest second moments, steps, learning rate, both decay rates,
  // weight decay, epsilon, two switches, scale of the gradients, whether they overflowed
  fusedAdamW: {
    schema: "aten::_fused_adamw_",
    takes: [
      "tensors",
      "tensors",
      "tensors",
      "tensors",
      "tensors",
      "tensors",
      "float",
      "float",
      "float",
      "float",
      "float",
      "bool",
      "bool",
      "tensor?",
      "tensor?",
    ],
    returns: 0,
  },

  // a weight in the order that oneDNN reads, and for how many rows; it goes into oneDNN's linear layer alone
  readyWeight: { schema: "mkldnn::_reorder_linear_weight", takes: ["tensor", "int?"] },
  mm: binary("mm"),
  bmm: binary("bmm"),
  einsum: { schema: "aten::einsum", takes: ["string", "tensors", "absent"] },
} as const satisfies Record<string, Operator>;

/** The name of an operator in {@linkcode operators}. */
export type OperatorName = keyof typeof operators;

/** The arguments that an operator takes. */
export type ArgumentsOf<Name extends OperatorName> = TypesOf<(typeof operators)[Name]["takes"]>;

type TypesOf<Takes extends readonly ArgumentType[]> = { -readonly [I in keyof Takes]: ArgumentTypes[Takes[I]] };
