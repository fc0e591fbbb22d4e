/**
 * LongRoPE: each pair's frequency is divided by its factor, from one list for rows within the original context and
 * another for longer rows.
 *
 * Source: Y. Ding et al., "LongRoPE: extending LLM context window beyond 2 million tokens", 2024, as transformers
 * computes it.
 *
 * @module
 */
import { type Json, positive, positiveOrNull, show } from "../../config/config_fields.ts";
import { power, type RotaryFrequencies, type RotaryScaling } from "./rotary.ts";

/**
 * Reads it: `short_factor` and `long_factor`, a number for each pair; `attention_factor`, or `√(1 + ln factor / ln
 * original context)` for the magnitude, where `factor` is the ratio of the contexts unless it is given.
 */
export const longrope: RotaryScaling = {
  keys: ["short_factor", "long_factor", "factor", "attention_factor", "original_max_position_embeddings"],
  read(parameters, base) {
    const { theta, width, contextLength, originalContext } = base;
    const slowed = (field: string): RotaryFrequencies => {
      const factors = readFactors(parameters, field, width / 2);
      return factors.map((factor, pair) => 1 / Math.fround(factor * power(theta, { pair, width })));
    };
    const [short, long] = [slowed("short_factor"), slowed("long_factor")];
    const factor = positiveOrNull(parameters, "factor") || contextLength / originalContext;
    const grown = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalContext));
    return {
      width,
      magnitude: positive(parameters, "attention_factor", grown),
      lengthClass: (length) => length > originalContext ? 1 : 0,
      frequencies: (lengthClass) => lengthClass === 1 ? long : short,
    };
  },
};

function readFactors(parameters: Json, field: string, pairs: number): Float32Array {
  const factors = parameters[field];
  const isFactor = (factor: unknown) => typeof factor === "number" && Number.isFinite(factor) && factor > 0;
  if (!Array.isArray(factors) || factors.length !== pairs || !factors.every(isFactor)) {
    throw new RangeError(
      `Cannot read config.json: "${field}" must be a list of ${pairs} numbers above 0, one for each rotated pair of a head, ` +
        `current value is ${show(factors)}`,
    );
  }
  return Float32Array.from(factors);
}
