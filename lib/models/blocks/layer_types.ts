/**
 * The layer types of config.json: which positions a layer attends to.
 *
 * @module
 */
import { count, type Json, only } from "../config/config_fields.ts";

/** Which positions a layer attends to: all earlier ones, or those in a window. */
export type LayerType = "full_attention" | "sliding_attention";

/**
 * Reads `layer_types`.
 *
 * @param json config.json.
 * @param options The number of layers, and which of them use a window by default.
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
 * Reads `sliding_window`: how many positions a sliding layer sees.
 *
 * @param json config.json.
 * @param byDefault The window where the field is absent.
 * @returns The window; 0 where the field is null, or absent without a default.
 * @throws {TypeError} If the field is not a whole number from 1.
 */
export function readWindow(json: Json, byDefault?: number): number {
  const { sliding_window: window = byDefault ?? null } = json;
  return window === null ? 0 : count({ sliding_window: window }, "sliding_window");
}

/**
 * Reads a family's windows from `layer_types`.
 *
 * @param json config.json.
 * @returns The window of each layer; 0 for full causal attention.
 * @throws {RangeError} If there is not a known type for each layer, or a sliding layer has no window.
 */
export function readWindows(
  json: Json,
  { layers, window, byDefault }: { layers: number; window: number; byDefault: (layer: number) => boolean },
): number[] {
  return readLayerTypes(json, { layers, byDefault }).map((type) => {
    if (type === "full_attention") return 0;
    if (window > 0) return window;
    throw new RangeError(
      `Cannot read config.json: "sliding_window" must be a number of positions if "layer_types" has ` +
        `sliding_attention, it is absent`,
    );
  });
}
