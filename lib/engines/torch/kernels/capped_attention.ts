/**
 * Attention whose scores are capped by a hyperbolic tangent, which libtorch's blockwise attention does not know: the
 * scores are worked out whole, and again in the backward pass. Without a cap it serves devices that lack the blockwise
 * one.
 *
 * Source: Gemma Team, "Gemma 2: improving open language models at a practical size", 2024, section 2.
 *
 * @module
 */
import type { Handle } from "../operators.ts";
import { permute, type Shaped } from "../kernel.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";
import { multiply } from "./product.ts";

/** Query, key and value `[rows, heads, length, width]` with what scales, caps and masks their scores. */
export interface CappedAttention {
  queries: Shaped;
  keys: Shaped;
  values: Shaped;
  scale: number;
  /** 0 for no cap. */
  softCap: number;
  /** 0 where a position may look, −∞ elsewhere. */
  mask: Handle;
}

const transposed = (torch: Torch, x: Shaped): Shaped => {
  const [rows, heads, length, width] = x.shape;
  return { handle: permute(torch, x, [0, 1, 3, 2]), shape: [rows, heads, width, length] };
};

/** `tanh(scale · q kᵀ / cap)`, or without a cap `scale · q kᵀ`, and the softmax of its masked multiple. */
function probabilities(torch: Torch, { queries, keys, scale, softCap, mask }: CappedAttention) {
  const { handle, shape } = multiply(torch, { a: queries, b: transposed(torch, keys) });
  const scaled = torch.multiplyScalar(handle, softCap === 0 ? scale : scale / softCap);
  const bent = softCap === 0 ? scaled : torch.call("tanh", scaled);
  const masked = torch.add(softCap === 0 ? bent : torch.multiplyScalar(bent, softCap), mask);
  return { bent, chances: { handle: torch.call("softmax", torch.cast(masked, dtypes.float32), 3, false), shape } };
}

/** The attended values, `[rows, heads, length, width]`. */
export function cappedAttention(torch: Torch, attention: CappedAttention): Handle {
  const { chances } = probabilities(torch, attention);
  return multiply(torch, { a: chances, b: attention.values }).handle;
}

/** The gradients of queries, keys and values, given that of the attended values; the scores must have a cap. */
export function cappedAttentionGradients(torch: Torch, attention: CappedAttention, gradient: Shaped): Handle[] {
  const { queries, keys, values, scale } = attention;
  const { bent, chances } = probabilities(torch, attention);
  const dValues = multiply(torch, { a: transposed(torch, chances), b: gradient }).handle;
  const dChances = multiply(torch, { a: gradient, b: transposed(torch, values) }).handle;
  const weighted = torch.call("multiply", dChances, chances.handle);
  const total = torch.call("sum", weighted, [3], true, dtypes.float32);
  const dMasked = torch.subtract(weighted, torch.call("multiply", chances.handle, total));
  const slope = torch.addScalar(torch.multiplyScalar(torch.call("multiply", bent, bent), -scale), scale);
  const dScores = { handle: torch.call("multiply", dMasked, slope), shape: chances.shape };
  const dQueries = multiply(torch, { a: dScores, b: keys }).handle;
  const dKeys = multiply(torch, { a: transposed(torch, dScores), b: queries }).handle;
  return [dQueries, dKeys, dValues];
}
