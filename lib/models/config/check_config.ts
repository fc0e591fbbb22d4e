/**
 * Refuses unsupported settings in the config.json of any family.
 *
 * @module
 */
import { COMMON_FIELDS } from "./common_fields.ts";
import { type Json, show } from "./config_fields.ts";
import type { ModelFamily } from "../family.ts";
import { checkFields, type FieldRules } from "./field_rules.ts";
import { refuseQuantized } from "./refuse_quantized.ts";

/** All the fields of a family's config.json. */
export const fieldsOf = ({ fields }: Pick<ModelFamily, "fields">): FieldRules => ({ ...COMMON_FIELDS, ...fields });

/**
 * Checks that no field of a config.json that affects the results is ignored.
 *
 * @param json The file's object.
 * @param family The family that reads it.
 * @throws {RangeError} If a field is unknown or unsupported, weights are quantised, or the model has another head; the
 * message names the field.
 */
export function checkConfig(json: Json, family: ModelFamily): void {
  checkArchitectures(json, family);
  refuseQuantized(json, family);
  checkFields(json, fieldsOf(family), "config.json");
}

/** The class must be the family's, with its head or without; old files use other letter case. */
function checkArchitectures({ architectures }: Json, { architecture, headless }: ModelFamily): void {
  const end = /(ForCausalLM|LMHeadModel)$/;
  const known = [architecture, headless ?? architecture.replace(end, "Model")];
  const named = [architectures ?? []].flat();
  const isKnown = (name: unknown) => known.some((one) => one.toLowerCase() === String(name).toLowerCase());
  if (named.length === 0 || named.some(isKnown)) return;
  throw new RangeError(
    `Cannot read config.json: "architectures" must name ${known.join(" or ")}, current value is ${show(architectures)}`,
  );
}
