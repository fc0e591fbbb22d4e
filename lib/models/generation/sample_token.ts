/**
 * The choice of the next token from its logits.
 *
 * @module
 */
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
 * @param uniform The random number of the draw, in `[0, 1)`.
 * @returns The token's id.
 * @throws {NonFiniteLogitsError} If a logit is NaN or +∞, or none is finite.
 *
 * Source of topP: A. Holtzman et al., "The curious case of neural text degeneration", 2020; of minP: N. N. Minh et al.,
 * "Turning up the heat: min-p sampling for creative and coherent LLM outputs", 2025.
 */
export function sampleToken(logits: Float32Array, uniform: number, options: SamplingOptions = {}): number {
  const { temperature = 1, topP = 1, topK = 0, minP = 0 } = options;
  const best = argMax(logits);
  if (temperature === 0 || topK === 1) return best;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - logits[best]) / temperature));
  const candidates = topP < 1 || topK > 0 || minP > 0 ? shortlist(weights, { topP, topK, minP }) : undefined;
  const count = candidates?.length ?? weights.length;
  let total = 0;
  for (let i = 0; i < count; i++) total += weights[candidates?.[i] ?? i];
  let left = uniform * total;
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
  const most = topK > 0 ? Math.min(topK, weights.length) : weights.length;
  const order = heaviest(weights, { most, share: topP, floor: minP });
  const total = most < weights.length ? order.reduce((sum, token) => sum + weights[token], 0) : sumOf(weights);
  let [kept, sum] = [0, 0];
  while (kept < order.length && (topP === 1 || sum < topP * total)) sum += weights[order[kept++]];
  return order.slice(0, kept).filter((token) => weights[token] >= minP);
}

/** How much lower the weights of each further group of candidates may be. */
const STEP = 2 ** -8;

/**
 * The heaviest tokens in order, as many as may be needed: at most `most`, all of those that weigh `floor` or more, or as
 * many as have `share` of all weight. What is lighter than any of them is never sorted.
 */
function heaviest(
  weights: Float64Array,
  { most, share, floor }: { most: number; share: number; floor: number },
): number[] {
  const limit = most < weights.length ? Infinity : share * sumOf(weights);
  for (let least = STEP;; least *= STEP) {
    const bound = least < Number.MIN_VALUE / STEP ? 0 : least;
    const tokens: number[] = [];
    let sum = 0;
    for (let token = 0; token < weights.length; token++) {
      if (weights[token] < bound) continue;
      tokens.push(token);
      sum += weights[token];
    }
    if (bound > 0 && bound > floor && tokens.length < most && !(share < 1 && sum >= limit)) continue;
    return tokens.sort((a, b) => weights[b] - weights[a] || a - b).slice(0, most);
  }
}

function sumOf(weights: Float64Array): number {
  let sum = 0;
  for (let token = 0; token < weights.length; token++) sum += weights[token];
  return sum;
}
