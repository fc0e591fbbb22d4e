/**
 * The choice of the next token from its logits.
 *
 * @module
 */
import type { RandomStream } from "../../random/random.ts";
import type { SamplingOptions } from "./sampling_options.ts";

/** A model's logits are not finite. */
export class NonFiniteLogitsError extends RangeError {
  /** The error's name. */
  override name = "NonFiniteLogitsError";
}

/**
 * Draws a token. Ties are broken towards the lower id.
 *
 * @param logits One position's, `[V]`.
 * @param random The random stream; it is advanced once, unless the choice is deterministic.
 * @returns The token's id.
 * @throws {NonFiniteLogitsError} If a logit is NaN or +∞, or none is finite.
 *
 * Source of topP: A. Holtzman et al., "The curious case of neural text degeneration", 2020; of minP: N. N. Minh et al.,
 * "Turning up the heat: min-p sampling for creative and coherent LLM outputs", 2025.
 */
export function sampleToken(logits: Float32Array, random: RandomStream, options: SamplingOptions = {}): number {
  const { temperature = 1, topP = 1, topK = 0, minP = 0 } = options;
  const best = argMax(logits);
  if (temperature === 0 || topK === 1) return best;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const candidates = topP < 1 || topK > 0 || minP > 0 ? shortlist(weights, { topP, topK, minP }) : undefined;
  const count = candidates?.length ?? weights.length;
  let total = 0;
  for (let i = 0; i < count; i++) total += weights[candidates?.[i] ?? i];
  let left = random.uniform() * total;
  for (let i = 0; i < count; i++) {
    const token = candidates?.[i] ?? i;
    left -= weights[token];
    if (left < 0) return token;
  }
  return best; // rounding may leave a sliver after the last token
}

function argMax(logits: Float32Array): number {
  let best = 0, largest = -Infinity;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token];
    // NaN fails both comparisons, and infinity is never exceeded.
    if (logit <= largest) continue;
    if (!(logit < Infinity)) {
      throw new NonFiniteLogitsError(
        `Cannot sample: logits must be below infinity and not NaN, token ${token} has ${logit}`,
      );
    }
    [best, largest] = [token, logit];
  }
  if (largest === -Infinity) throw new NonFiniteLogitsError("Cannot sample: no token has a finite logit");
  return best;
}

/** Weights are relative to the largest, which is 1. */
function shortlist(
  weights: Float64Array,
  { topP, topK, minP }: { topP: number; topK: number; minP: number },
): number[] {
  const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a] || a - b);
  if (topK > 0) order.length = Math.min(order.length, topK);
  const total = order.reduce((sum, token) => sum + weights[token], 0);
  let [kept, sum] = [0, 0];
  while (kept < order.length && sum < topP * total) sum += weights[order[kept++]];
  return order.slice(0, kept).filter((token) => weights[token] >= minP);
}
