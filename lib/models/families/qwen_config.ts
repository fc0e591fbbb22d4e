/**
 * What the Qwen families have in common: their sizes, and windows that slide only if a switch is on.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { count, flag, type Json } from "../config/config_fields.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import { readWindow, readWindows } from "../blocks/layer_types.ts";
import type { FieldRules } from "../config/field_rules.ts";

/** The fields that determine the windows. */
export const QWEN_FIELDS: FieldRules = read("use_sliding_window", "sliding_window", "max_window_layers", "layer_types");

/** Reads the window: `sliding_window` where `use_sliding_window` is set, else 0. */
export const readQwenWindow = (json: Json): number =>
  flag(json, "use_sliding_window", false) ? readWindow(json, 4096) : 0;

/**
 * Reads the windows: `sliding_window` for the layers from `max_window_layers` on, or for those that `layer_types`
 * names, where `use_sliding_window` is set; none elsewhere.
 *
 * @returns The window of each layer; 0 where it sees all before it.
 * @throws {RangeError | TypeError} If a field is invalid; the message names it.
 */
function readQwenWindows(json: Json, layers: number): number[] {
  const window = readQwenWindow(json);
  const first = json.max_window_layers === 0 ? 0 : count(json, "max_window_layers", 28);
  return readWindows(json, { layers, window, byDefault: (layer) => window > 0 && layer >= first });
}

/**
 * Reads the configuration of Qwen2's blocks, without biases.
 *
 * @param json config.json.
 * @param family The family's name there, and the size of its heads where that is not the hidden width over the heads.
 * @throws {RangeError | TypeError} If a field is invalid or asks for what is not supported; the message names it.
 */
export function readQwenConfig(
  json: Json,
  { modelType, headSize }: { modelType: string; headSize?: number },
): DecoderConfig {
  const config = readDecoderConfig(json, {
    modelType,
    vocabularySize: 151_936,
    hiddenSize: 4096,
    innerSize: 22_016,
    layers: 32,
    heads: 32,
    keyValueHeads: 32,
    headSize,
    contextLength: 32_768,
  });
  return { ...config, windows: readQwenWindows(json, config.layers) };
}
