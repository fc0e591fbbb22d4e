/**
 * The scaling of Llama 3: low frequencies are divided by a factor, high ones are unchanged, those between are
 * interpolated.
 *
 * Source: "The Llama 3 herd of models", 2024, section 3.4.2, and its published code.
 *
 * @module
 */
import { positive } from "../../config/config_fields.ts";
import { baseFrequencies, constantRotary, type RotaryScaling } from "./rotary.ts";

/**
 * Reads it: `factor`, `low_freq_factor` and `high_freq_factor`, the numbers of rotations within the original context
 * that bound the interpolated range.
 */
export const llama3: RotaryScaling = {
  keys: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
  read(parameters, base) {
    const factor = positive(parameters, "factor");
    const [low, high] = [positive(parameters, "low_freq_factor"), positive(parameters, "high_freq_factor")];
    if (high <= low) {
      throw new RangeError(
        `Cannot read config.json: "high_freq_factor" must be above "low_freq_factor" ${low}, current value is ${high}`,
      );
    }
    return constantRotary(
      baseFrequencies(base).map((frequency) => {
        const turns = base.originalContext * frequency / (2 * Math.PI);
        const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
        return frequency * ((1 - kept) / factor + kept);
      }),
    );
  },
};
