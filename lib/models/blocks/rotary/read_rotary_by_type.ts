/**
 * Rotary embeddings that differ by the type of layer: `rope_parameters` is then an object of such parameters by type.
 *
 * @module
 */
import { type Json, only } from "../../config/config_fields.ts";
import type { LayerType } from "../layer_types.ts";
import { asObject, type ReadRotaryOptions, rotaryOf } from "./read_rotary.ts";
import type { Rotary } from "./rotary.ts";

/** Options for {@linkcode readRotaryByType}. */
export interface ReadRotaryByTypeOptions extends Pick<ReadRotaryOptions, "headSize" | "contextLength"> {
  /** The default base of each type. */
  thetas: Record<LayerType, number>;
}

/**
 * Reads the rotary embedding of each type of layer. The older `rope_scaling` is that of layers with full attention.
 *
 * @param json config.json.
 * @throws {RangeError | TypeError} If parameters are invalid, or those of a type are not in a separate object.
 */
export function readRotaryByType(json: Json, options: ReadRotaryByTypeOptions): Record<LayerType, Rotary> {
  const { thetas, ...sizes } = options;
  const nested = asObject(json.rope_parameters ?? {}, "rope_parameters");
  const strange = Object.keys(nested).find((key) => !Object.hasOwn(thetas, key));
  if (strange !== undefined) {
    throw new RangeError(
      `Cannot read config.json: "rope_parameters" must only have the keys ${Object.keys(thetas).join(", ")}, ` +
        `current value is ${strange}`,
    );
  }
  only(json, "partial_rotary_factor", 1);
  const scaling = asObject(json.rope_scaling ?? {}, "rope_scaling");
  if (scaling.rope_type == null) only(scaling, "type", "default"); // transformers would ignore any other
  const read = (type: LayerType, scaling: Json) => {
    const field = `rope_parameters.${type}`;
    const parameters = { ...asObject(nested[type] ?? {}, field), ...scaling };
    only(parameters, "truncate", true); // transformers reads it of the outer object
    return rotaryOf({}, { field, parameters }, { ...sizes, theta: thetas[type] });
  };
  return { full_attention: read("full_attention", scaling), sliding_attention: read("sliding_attention", {}) };
}
