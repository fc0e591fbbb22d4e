/**
 * Dynamic scaling: for rows longer than the context, the base grows with the length.
 *
 * A row of `L` positions beyond the context `C` has the base `theta · (factor · L / C − factor + 1)^(R / (R − 2))`.
 *
 * Source: B. Peng et al., "YaRN: efficient context window extension of large language models", 2023, section 3.3.
 *
 * @module
 */
import { positive } from "../../config/config_fields.ts";
import { baseFrequencies, type RotaryScaling } from "./rotary.ts";

/** Reads it: `factor`, the maximum extension of the context. */
export const dynamic: RotaryScaling = {
  keys: ["factor"],
  read(parameters, base) {
    const { theta, width, contextLength } = base;
    const factor = positive(parameters, "factor");
    if (width < 4) {
      throw new RangeError(
        `Cannot read config.json: at least 4 dimensions of a head must be rotated with dynamic scaling, current value is ${width}`,
      );
    }
    const plain = baseFrequencies(base);
    let last = { length: contextLength, frequencies: plain };
    return {
      width,
      magnitude: 1,
      contextLength: Math.max(contextLength, Math.floor(contextLength * factor)),
      lengthClass: (length) => Math.max(length, contextLength),
      frequencies(length) {
        if (length <= contextLength) return plain;
        if (last.length !== length) {
          const stretch = factor * length / contextLength - (factor - 1);
          const stretched = Math.fround(theta * stretch ** (width / (width - 2)));
          last = { length, frequencies: baseFrequencies({ theta: stretched, width }) };
        }
        return last.frequencies;
      },
    };
  },
};
