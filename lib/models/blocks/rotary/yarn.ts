/**
 * YaRN: low frequencies are interpolated, high ones unchanged, with a ramp between them; cosines and sines are scaled
 * with the factor.
 *
 * Source: B. Peng et al., "YaRN: efficient context window extension of large language models", 2023, definition 2 and
 * section 3.4, as transformers computes it.
 *
 * @module
 */
import { flag, type Json, positive, positiveOrNull } from "../../config/config_fields.ts";
import { constantRotary, power, type RotaryBase, type RotaryScaling } from "./rotary.ts";

/**
 * Reads it: `factor`, or the ratio of the contexts if it is null; `beta_fast` and `beta_slow`, the numbers of rotations
 * within the original context that bound the ramp, rounded outwards to whole pairs unless `truncate` is false;
 * `attention_factor`, or `mscale` and `mscale_all_dim`, for the magnitude.
 */
export const yarn: RotaryScaling = {
  keys: [
    "factor",
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "mscale",
    "mscale_all_dim",
    "truncate",
    "original_max_position_embeddings",
  ],
  read(parameters, base) {
    const { theta, width, contextLength, originalContext } = base;
    const factor = positive(
      parameters,
      "factor",
      parameters.factor === null ? contextLength / originalContext : undefined,
    );
    const [low, high] = ramp(parameters, base);
    const frequencies = Float32Array.from({ length: width / 2 }, (_, pair) => {
      const plain = power(theta, { pair, width });
      const interpolated = Math.min(1, Math.max(0, (pair - low) / (high - low)));
      return Math.fround(1 / (factor * plain)) * interpolated + Math.fround(1 / plain) * (1 - interpolated);
    });
    return constantRotary(frequencies, readMagnitude(parameters, factor));
  },
};

/** The pairs between which the ramp rises. */
function ramp(parameters: Json, { theta, width, originalContext }: RotaryBase): [number, number] {
  const pairThatTurns = (times: number) =>
    width * Math.log(originalContext / (times * 2 * Math.PI)) / (2 * Math.log(theta));
  const outwards = flag(parameters, "truncate", true);
  const [fast, slow] = [positiveOrNull(parameters, "beta_fast") || 32, positiveOrNull(parameters, "beta_slow") || 1];
  const [from, to] = [pairThatTurns(fast), pairThatTurns(slow)];
  const low = Math.max(outwards ? Math.floor(from) : from, 0);
  const high = Math.min(outwards ? Math.ceil(to) : to, width - 1);
  return [low, low === high ? high + 0.001 : high];
}

/** `0.1 · ln factor + 1`, or the ratio of two such numbers, unless it is given. */
function readMagnitude(parameters: Json, factor: number): number {
  const given = positiveOrNull(parameters, "attention_factor");
  if (given > 0) return given;
  const grown = (scale: number) => factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  const [scale, all] = ["mscale", "mscale_all_dim"].map((key) =>
    parameters[key] === 0 ? 0 : positiveOrNull(parameters, key)
  );
  return scale > 0 && all > 0 ? grown(scale) / grown(all) : grown(1);
}
