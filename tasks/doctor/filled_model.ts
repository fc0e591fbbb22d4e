/**
 * Models of any size, made at once.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { StoragePrecision } from "../../lib/engines/mod.ts";
import { familyOf } from "../../lib/models/families/families.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { toVariable } from "../../lib/models/weights/to_variable.ts";
import { randomStream } from "../../lib/random/random.ts";

/** Numbers that are drawn; parameters repeat them. A prime, so that no rows of a matrix are alike. */
const DRAWN = 999_983;

/**
 * A model whose weights repeat a million draws: for measuring alone. Drawing each of a billion weights would take
 * longer than all that is measured.
 *
 * @param json A config.json.
 * @param options How the parameters are stored, and the seed.
 */
export function filledModel(
  json: Record<string, unknown>,
  { precision, seed }: { precision: StoragePrecision; seed: number },
): LanguageModel {
  const family = familyOf(json);
  const config = family.readConfig(json);
  const random = randomStream(seed);
  // As wide as the uniform numbers are, of variance one.
  const drawn = Float32Array.from({ length: DRAWN }, () => (random.uniform() - 0.5) * Math.sqrt(12));
  const parameters = new Map<string, tf.Variable>();
  let at = 0;
  for (const [name, { shape, start }] of family.parameters(config)) {
    const numbers = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
    if (typeof start === "string") numbers.fill(start === "ones" ? 1 : 0);
    else {
      for (let filled = 0; filled < numbers.length;) {
        const part = drawn.subarray(at, at + Math.min(DRAWN - at, numbers.length - filled));
        numbers.set(part, filled);
        filled += part.length;
        at = (at + part.length) % DRAWN;
      }
      const { normal } = start;
      for (let i = 0; i < numbers.length; i++) numbers[i] *= normal;
    }
    parameters.set(name, toVariable(numbers, shape, precision));
  }
  return new LanguageModel(family, config, parameters, precision);
}
