/**
 * The operators of attention, for processors and for CUDA devices.
 *
 * @module
 */
import type { Operator } from "./operator.ts";

// Arguments that several of them take, in the order of the schemas.
const queryKeyValue = ["tensor", "tensor", "tensor"] as const;
const resultAndLogSums = ["tensor", "tensor"] as const;
const rowStarts = ["tensor", "tensor"] as const;
const rowStartsIfAny = ["tensor?", "tensor?"] as const;
const longestRows = ["int", "int"] as const;
const longestRowsIfAny = ["int?", "int?"] as const;
const randomState = ["tensor", "tensor"] as const;
const dropoutAndCausal = ["float", "bool"] as const;
const maskAndScale = ["tensor?", "float?"] as const;
const windowToLeftAndRight = ["int?", "int?"] as const;

/** The operators by the names that kernels call them with. */
export const attentionOperators = {
  attention: {
    schema: "aten::_scaled_dot_product_flash_attention_for_cpu",
    takes: [...queryKeyValue, ...dropoutAndCausal, ...maskAndScale],
    returns: 2,
  },
  // the gradient first
  attentionBackward: {
    schema: "aten::_scaled_dot_product_flash_attention_for_cpu_backward",
    takes: ["tensor", ...queryKeyValue, ...resultAndLogSums, ...dropoutAndCausal, ...maskAndScale],
    returns: 3,
  },
  // behind causal a debug mask and the scale; at the end used keys and slopes
  flashAttention: {
    schema: "aten::_flash_attention_forward",
    takes: [
      ...queryKeyValue,
      ...rowStartsIfAny,
      ...longestRows,
      ...dropoutAndCausal,
      "bool",
      "float?",
      ...windowToLeftAndRight,
      "tensor?",
      "tensor?",
    ],
    returns: 5,
  },
  // the gradient first; the scale before the window
  flashAttentionBackward: {
    schema: "aten::_flash_attention_backward",
    takes: [
      "tensor",
      ...queryKeyValue,
      ...resultAndLogSums,
      ...rowStarts,
      ...longestRows,
      ...dropoutAndCausal,
      ...randomState,
      "float?",
      ...windowToLeftAndRight,
    ],
    returns: 3,
  },
  // the bias behind the value; from dropout on: the kind of mask, whether to log the sums, scale, key lengths, window;
  // behind its tensors it returns two numbers
  efficientAttention: {
    schema: "aten::_efficient_attention_forward",
    takes: [
      ...queryKeyValue,
      "tensor?",
      ...rowStartsIfAny,
      ...longestRowsIfAny,
      "float",
      "int",
      "bool",
      "float?",
      "tensor?",
      "int?",
    ],
    returns: 4,
  },
  // the gradient first; bias and result behind the value; log of the sums and dropout before the random state; then kind
  // of mask, gradient of the bias, scale, splits, window, one storage
  efficientAttentionBackward: {
    schema: "aten::_efficient_attention_backward",
    takes: [
      "tensor",
      ...queryKeyValue,
      "tensor?",
      "tensor",
      ...rowStartsIfAny,
      ...longestRows,
      "tensor",
      "float",
      ...randomState,
      "int",
      "bool",
      "float?",
      "int?",
      "int?",
      "bool",
    ],
    returns: 4,
  },
} as const satisfies Record<string, Operator>;
