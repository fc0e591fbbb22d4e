/**
 * The types of layers that config.json names: which positions a layer sees.
 *
 * @module
 */
import { type Json, only } from "../config/config_fields.ts";

/** What a layer's positions see: all before them, or those in a window. */
export type LayerType = "full_attention" | "sliding_attention";

/**
 * Reads `layer_types`.
 *
 * @param json config.json.
 * @param options How many layers there are, and which of them slide where config.json does not say.
 * @throws {RangeError} If there is not a known type for each layer.
 */
export function readLayerTypes(
  json: Json,
  { layers, byDefault }: { layers: number; byDefault: (layer: number) => boolean },
): LayerType[] {
  const types = json.layer_types ??
    Array.from({ length: layers }, (_, layer) => byDefault(layer) ? "sliding_attention" : "full_attention");
  if (!Array.isArray(types) || types.length !== layers) {
    throw new RangeError(
      `Cannot read config.json: "layer_types" must be a list of ${layers}, current value is ${JSON.stringify(types)}`,
    );
  }
  return types.map((type) => {
    only({ layer_types: type }, "layer_types", "full_attention", "sliding_attention", "attention");
    return type === "sliding_attention" ? type : "full_attention"; // "attention" is the older name
  });
}

/**
 * Reads a family's windows from `layer_types`.
 *
 * @param json config.json.
 * @returns The window of each layer; 0 where it sees all before it.
 * @throws {RangeError} If there is not a known type for each layer, or a layer slides where there is no window.
 */
export function readWindows(
  json: Json,
  { layers, window, byDefault }: { layers: number; window: number; byDefault: (layer: number) => boolean },
): number[] {
  return readLayerTypes(json, { layers, byDefault }).map((type) => {
    if (type === "full_attention") return 0;
    if (window > 0) return window;
    throw new RangeError(
      `Cannot read config.json: "sliding_window" must be a number of positions where "layer_types" has ` +
        `sliding_attention, there is none`,
    );
  });
}
