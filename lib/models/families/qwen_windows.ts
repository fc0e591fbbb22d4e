/**
 * The windows of the Qwen families, which slide only if a switch is on.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { count, flag, type Json } from "../config/config_fields.ts";
import { readWindows } from "../blocks/layer_types.ts";
import type { FieldRules } from "../config/field_rules.ts";

/** The fields that decide the windows. */
export const QWEN_FIELDS: FieldRules = read("use_sliding_window", "sliding_window", "max_window_layers", "layer_types");

/**
 * Reads the windows: `sliding_window` for the layers from `max_window_layers` on, or for those that `layer_types`
 * names, where `use_sliding_window` is set; none elsewhere.
 *
 * @returns The window of each layer; 0 where it sees all before it.
 * @throws {RangeError | TypeError} If a field is invalid; the message names it.
 */
export function readQwenWindows(json: Json, layers: number): number[] {
  const slides = flag(json, "use_sliding_window", false) && json.sliding_window !== null;
  const window = slides ? count(json, "sliding_window", 4096) : 0;
  const first = json.max_window_layers === 0 ? 0 : count(json, "max_window_layers", 28);
  return readWindows(json, { layers, window, byDefault: (layer) => slides && layer >= first });
}
