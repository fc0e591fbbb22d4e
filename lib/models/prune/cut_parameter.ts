/**
 * The part of a parameter that a pruned model keeps.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ParameterAxis, ParameterSpec, Width } from "../family.ts";
import type { KeptUnits } from "./kept_units.ts";

/** How a parameter is cut. */
export interface CutParameterOptions {
  /** The widths along its axes. */
  spec: ParameterSpec;
  /** The units that are kept. */
  kept: KeptUnits;
  /** The number of units of each width. */
  widths: Readonly<Record<Width, number>>;
  /** The width of a head. */
  headSize: number;
}

/**
 * Cuts a parameter to the units that are kept.
 *
 * @param parameter The parameter, of the shape in `spec`.
 * @returns A new tensor, even if everything is kept.
 */
export function cutParameter(parameter: tf.Tensor, options: CutParameterOptions): tf.Tensor {
  const { spec: { axes, shape } } = options;
  return tf.tidy(() =>
    axes.reduce<tf.Tensor>((cut, axis, index) => {
      const places = keptPlaces(axis, { ...options, extent: shape[index] });
      return places ? tf.gather(cut, tf.tensor1d(places, "int32"), index) : cut;
    }, tf.clone(parameter))
  );
}

/** The kept indices along an axis; undefined if all are kept. */
function keptPlaces(
  axis: ParameterAxis,
  { kept, widths, headSize, extent }: CutParameterOptions & { extent: number },
): Int32Array | undefined {
  if (axis === "fixed") return undefined;
  const parts = typeof axis === "string" ? [axis] : axis;
  if (!parts.some((width) => kept.has(width))) return undefined;
  // The units of an axis have equal shares of it: gated heads, for instance, are twice as wide.
  const share = (width: Width) =>
    parts.length === 1 ? extent / widths[width] : width === "heads" || width === "keyValueHeads" ? headSize : 1;
  let first = 0;
  return Int32Array.from(parts.flatMap((width) => {
    const each = share(width);
    const units = kept.get(width) ?? Array.from({ length: widths[width] }, (_, unit) => unit);
    const places = Array.from(units).flatMap((unit) => Array.from({ length: each }, (_, i) => first + unit * each + i));
    first += widths[width] * each;
    return places;
  }));
}
