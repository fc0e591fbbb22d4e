/**
 * How the next token is chosen from its logits.
 *
 * @module
 */

/**
 * How a token is chosen. Adjustments of the logits come first, in the order penalty, n-grams, bias, then the
 * temperature, and then topK, topP and minP, each applied to the result of the previous one.
 */
export interface SamplingOptions {
  /**
   * Logits are divided by it; 0 selects the most probable token.
   *
   * @default {1}
   */
  temperature?: number;
  /**
   * Only the most probable tokens whose probabilities first add up to this may be chosen; in `(0, 1]`.
   *
   * @default {1}
   */
  topP?: number;
  /**
   * The number of most probable tokens that may be chosen; 0 is all.
   *
   * @default {0}
   */
  topK?: number;
  /**
   * Only tokens with at least this share of the largest probability may be chosen; in `[0, 1]`.
   *
   * @default {0}
   */
  minP?: number;
  /**
   * For tokens that occur in the prompt or the answer, positive logits are divided by it and negative ones multiplied.
   *
   * @default {1}
   */
  repetitionPenalty?: number;
  /**
   * No n-gram of this many tokens occurs twice in prompt and answer; 0 allows all.
   *
   * @default {0}
   */
  noRepeatNgramSize?: number;
  /**
   * Added to the logits of some tokens; −∞ bans a token.
   *
   * @default {none}
   */
  logitBias?: ReadonlyMap<number, number>;
}

/**
 * Checks sampling options.
 *
 * @throws {RangeError} If one is invalid; the message names it and its value.
 */
export function checkSampling(options: SamplingOptions): void {
  const { temperature = 1, topP = 1, topK = 0, minP = 0, repetitionPenalty = 1, noRepeatNgramSize = 0 } = options;
  require(temperature >= 0 && temperature < Infinity, "temperature must be at least 0", temperature);
  require(topP > 0 && topP <= 1, "topP must be in (0, 1]", topP);
  require(Number.isInteger(topK) && topK >= 0, "topK must be a non-negative whole number", topK);
  require(minP >= 0 && minP <= 1, "minP must be in [0, 1]", minP);
  require(
    repetitionPenalty > 0 && repetitionPenalty < Infinity,
    "repetitionPenalty must be above 0",
    repetitionPenalty,
  );
  require(
    Number.isInteger(noRepeatNgramSize) && noRepeatNgramSize >= 0,
    "noRepeatNgramSize must be a non-negative whole number",
    noRepeatNgramSize,
  );
  for (const [token, bias] of options.logitBias ?? []) {
    require(Number.isInteger(token) && token >= 0, "a token of logitBias must be a non-negative whole number", token);
    require(bias < Infinity, `the logitBias of token ${token} must be a number below infinity`, bias);
  }
}

function require(holds: boolean, requirement: string, value: number): void {
  if (!holds) throw new RangeError(`Cannot sample: ${requirement}, current value is ${value}`);
}
