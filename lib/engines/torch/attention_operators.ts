/**
 * The operators of attention, for processors and for CUDA devices.
 *
 * @module
 */
import type { Operator } from "./operator.ts";

/** The operators by the names that kernels call them with. */
export const attentionOperators = {
  // query, key, value, dropout, causal, mask, scale
  attention: {
    schema: "aten::_scaled_dot_product_flash_attention_for_cpu",
    takes: ["tensor", "tensor", "tensor", "float", "bool", "tensor?", "float?"],
    returns: 2,
  },
  // gradient, query, key, value, result, log of the sums, dropout, causal, mask, scale
  attentionBackward: {
    schema: "aten::_scaled_dot_product_flash_attention_for_cpu_backward",
    takes: ["tensor", "tensor", "tensor", "tensor", "tensor", "tensor", "float", "bool", "tensor?", "float?"],
    returns: 3,
  },
  // query, key, value, row starts twice, longest row twice, dropout, causal, debug mask, scale, window to the left and
  // right, used keys, slopes
  flashAttention: {
    schema: "aten::_flash_attention_forward",
    takes: [
      "tensor",
      "tensor",
      "tensor",
      "tensor?",
      "tensor?",
      "int",
      "int",
      "float",
      "bool",
      "bool",
      "float?",
      "int?",
      "int?",
      "tensor?",
      "tensor?",
    ],
    returns: 5,
  },
  // gradient, query, key, value, result, log of the sums, row starts twice, longest row twice, dropout, causal, two of
  // the random state, scale, window to the left and right
  flashAttentionBackward: {
    schema: "aten::_flash_attention_backward",
    takes: [
      "tensor",
      "tensor",
      "tensor",
      "tensor",
      "tensor",
      "tensor",
      "tensor",
      "tensor",
      "int",
      "int",
      "float",
      "bool",
      "tensor",
      "tensor",
      "float?",
      "int?",
      "int?",
    ],
    returns: 3,
  },
  // query, key, value, bias, row starts twice, longest row twice, dropout, kind of mask, whether to log the sums, scale,
  // key lengths, window; behind its tensors it returns two numbers
  efficientAttention: {
    schema: "aten::_efficient_attention_forward",
    takes: [
      "tensor",
      "tensor",
      "tensor",
      "tensor?",
      "tensor?",
      "tensor?",
      "int?",
      "int?",
      "float",
      "int",
      "bool",
      "float?",
      "tensor?",
      "int?",
    ],
    returns: 4,
  },
  // gradient, query, key, value, bias, result, row starts twice, longest row twice, log of the sums, dropout, two of the
  // random state, kind of mask, gradient of the bias, scale, splits, window, one storage
  efficientAttentionBackward: {
    schema: "aten::_efficient_attention_backward",
    takes: [
      "tensor",
      "tensor",
      "tensor",
      "tensor",
      "tensor?",
      "tensor",
      "tensor?",
      "tensor?",
      "int",
      "int",
      "tensor",
      "float",
      "tensor",
      "tensor",
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
