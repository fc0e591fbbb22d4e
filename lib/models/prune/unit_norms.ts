/**
 * Measures how active the units of a model are.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ExpertObserver, Width } from "../family.ts";
import { LanguageModel } from "../language_model.ts";
import { type CalibrationOptions, forCalibration } from "./calibration.ts";
import { widthsOfConfig } from "./cut_sizes.ts";

/** Widths whose units are more or less active: those that projections of blocks read, and experts. */
export type ActiveWidth = Exclude<Width, "vocabulary" | "keyValueHeads">;

/** The mean square of each unit's activations, by block and width; for experts, the share of positions. */
export type UnitNorms = ReadonlyMap<ActiveWidth, Float64Array>[];

/**
 * Measures, in every block, the mean square over positions of what projections read: of the normed states for hidden
 * dimensions, of the inner layer's activations for inner units, of attention's output for heads, summed over a head's
 * width. An expert is as active as positions are sent to it.
 *
 * Source: S. Muralidharan et al., "Compact language models via pruning and knowledge distillation" (Minitron), 2024.
 *
 * @param model The model; it must have no adapters.
 * @param rows Rows of token ids.
 * @returns One value per unit for each block and width.
 * @throws {RangeError} If there are no rows, or the model cannot read one.
 */
export async function unitNorms(
  model: LanguageModel,
  rows: readonly (readonly number[])[],
  options: CalibrationOptions = {},
): Promise<UnitNorms> {
  const specs = model.family.parameters(model.config);
  const widths = widthsOfConfig(model.config);
  const norms = Array.from({ length: model.config.layers }, () => new Map<ActiveWidth, Float64Array>());
  const total = rows.reduce((sum, row) => sum + row.length, 0);
  await forCalibration(rows, options, async (tokens) => {
    const seen: { layer: number; width: ActiveWidth; squares: tf.Tensor }[] = [];
    const read = new Set<tf.Tensor>();
    const observed = observing(model, (weight, x) => {
      const { axes, layer, projection } = specs.get(weight)!;
      const width = axes[projection === "input-first" ? 0 : 1];
      if (layer === undefined || !isActive(width) || read.has(x)) return;
      read.add(x); // query, key and value read the same states
      const squares = tf.tidy(() => {
        const units = tf.reshape(tf.square(x), [x.shape[0]!, widths[width], -1]);
        return tf.keep(tf.sum(units, [0, 2]));
      });
      seen.push({ layer, width, squares });
    });
    const onExperts: ExpertObserver = (layer, loads) => {
      const shares = norms[layer].get("experts") ?? new Float64Array(loads.length);
      loads.forEach((load, expert) => shares[expert] += load / total);
      norms[layer].set("experts", shares);
    };
    observed.states(tokens, { onExperts }).dispose();
    for (const { layer, width, squares } of seen) {
      const sums = norms[layer].get(width) ?? new Float64Array(widths[width]);
      (await squares.data() as Float32Array).forEach((square, unit) => sums[unit] += square / total);
      norms[layer].set(width, sums);
      squares.dispose();
    }
  });
  addWeightNorms(norms, model);
  return norms;
}

/**
 * Units that no projection reads, such as those of stacked experts, are measured by the squares of their input and
 * output weights instead.
 */
function addWeightNorms(norms: Map<ActiveWidth, Float64Array>[], { family, config, parameters }: LanguageModel): void {
  const widths = widthsOfConfig(config);
  const measured = norms.map((block) => new Set(block.keys()));
  for (const [name, { axes, layer, role }] of family.parameters(config)) {
    if (layer === undefined || role === "norm" || role === "bias") continue;
    for (const [axis, width] of axes.entries()) {
      if (!isActive(width) || measured[layer].has(width)) continue;
      const sums = norms[layer].get(width) ?? new Float64Array(widths[width]);
      norms[layer].set(width, sums);
      const squares = tf.tidy(() => {
        const weight = parameters.get(name)!;
        const others = weight.shape.flatMap((_, other) => other === axis ? [] : [other]);
        return tf.sum(tf.reshape(tf.sum(tf.square(weight), others), [widths[width], -1]), 1);
      });
      squares.dataSync<"float32">().forEach((square, unit) => sums[unit] += square);
      squares.dispose();
    }
  }
}

/** Whether an axis is of units that projections read. */
const isActive = (axis: unknown): axis is Exclude<ActiveWidth, "experts"> =>
  axis === "hidden" || axis === "inner" || axis === "heads";

/** The model with an adapter that adds nothing and observes the projections' inputs. */
function observing(model: LanguageModel, look: (weight: string, x: tf.Tensor) => void): LanguageModel {
  const { family, config, parameters, precision } = model;
  const observed = new LanguageModel(family, config, parameters, precision);
  observed.adapter = (weight, x) => void look(weight, x);
  return observed;
}
