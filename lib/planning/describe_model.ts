/**
 * A model's architecture without its weights.
 *
 * @module
 */
import { anObject, checkArguments } from "../arguments/check_arguments.ts";
import { familyOf } from "../models/families/families.ts";
import type { DescribedModel } from "../training/memory/described_model.ts";

/**
 * Reads a config.json as a model without weights.
 *
 * @param json The configuration.
 * @returns What plans and estimates of memory need.
 * @throws {RangeError | TypeError} If the configuration is invalid.
 */
export function describeModel(json: Record<string, unknown>): DescribedModel {
  checkArguments("describe a model", { json: [json, anObject] });
  const family = familyOf(json);
  return { family, config: family.readConfig(json) };
}
