/**
 * Linear scaling: positions, and so the frequencies, are divided by a factor.
 *
 * Source: S. Chen et al., "Extending context window of large language models via positional interpolation", 2023.
 *
 * @module
 */
import { positive } from "../../config/config_fields.ts";
import { baseFrequencies, constantRotary, type RotaryScaling } from "./rotary.ts";

/** Reads it: `factor`. */
export const linear: RotaryScaling = {
  keys: ["factor"],
  read(parameters, base) {
    const factor = positive(parameters, "factor");
    return constantRotary(baseFrequencies(base).map((frequency) => frequency / factor));
  },
};
