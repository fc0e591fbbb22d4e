/**
 * The architecture families there are.
 *
 * @module
 */
import type { ModelFamily } from "./family.ts";
import { gpt2 } from "./gpt2.ts";

const families: readonly ModelFamily[] = [gpt2 as unknown as ModelFamily];

/**
 * Finds the family of a config.json.
 *
 * @throws {RangeError} If `model_type` names no family that is known.
 */
export function familyOf(json: Record<string, unknown>): ModelFamily {
  const family = families.find(({ modelType }) => modelType === json.model_type);
  if (!family) {
    const known = families.map(({ modelType }) => modelType).join(", ");
    throw new RangeError(
      `Cannot load a model: "model_type" must be one of ${known}, current value is ${JSON.stringify(json.model_type)}`,
    );
  }
  return family;
}
