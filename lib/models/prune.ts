/**
 * A smaller model cut out of a larger one: fewer blocks, narrower states, inner layers and heads, fewer tokens.
 *
 * @module
 */
import { aList, aModel, checkArguments, optional } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import type { CutSizes, ModelConfig, ParameterSpec } from "./family.ts";
import { LanguageModel } from "./language_model.ts";
import type { CalibrationOptions } from "./prune/calibration.ts";
import { cutConfig } from "./prune/cut_config.ts";
import { cutParameter } from "./prune/cut_parameter.ts";
import { cutSizes, type PruneSizes, widthsOfConfig } from "./prune/cut_sizes.ts";
import { type KeptUnits, keptUnits } from "./prune/kept_units.ts";
import { originsOf } from "./prune/layers_of.ts";
import { unitNorms } from "./prune/unit_norms.ts";
import { withLayers } from "./prune/with_layers.ts";

/** Options for {@linkcode pruneModel}. */
export interface PruneOptions extends PruneSizes, CalibrationOptions {
  /**
   * The tokens that are kept, by id, in their new order; those that end texts must be among them.
   *
   * @default {all}
   */
  vocabulary?: readonly number[];
  /** Rows of token ids whose activations decide which units are kept; needed where a width is cut. */
  rows?: readonly (readonly number[])[];
}

/**
 * Cuts a smaller model out of one: first blocks, then the units that are the least active on some rows. What is kept is
 * copied as it is; the model is a start, to be trained further.
 *
 * @param model The model, without adapters; it stays as it is.
 * @param options The sizes, and rows where a width is cut.
 * @returns The smaller model, its parameters on the engine in use.
 * @throws {RangeError} If a size is out of range or does not divide, the family has no model of these sizes, or rows
 * are needed and there are none.
 * @throws {TypeError} If the model has adapters.
 *
 * Source: S. Muralidharan et al., "Compact language models via pruning and knowledge distillation" (Minitron), 2024.
 *
 * @example Half the blocks, and inner layers of half the width
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, useEngine } from "@amid/amid";
 * import { pruneModel } from "@amid/amid/models";
 *
 * await useEngine("wasm");
 * const teacher = await loadModel("data/teacher");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const { layers, innerSize } = teacher.config;
 * const student = await pruneModel(teacher, {
 *   layers: [0, layers - 1],
 *   innerSize: innerSize / 2,
 *   rows: [tokenizer.encode("What kind of thing is a heron?\nanimal")],
 * });
 * assert.deepEqual([student.config.layers, student.config.innerSize], [2, innerSize / 2]);
 * ```
 */
export async function pruneModel(model: LanguageModel, options: PruneOptions): Promise<LanguageModel> {
  checkArguments("prune a model", {
    model: [model, aModel],
    layers: [options.layers, optional(aList)],
    rows: [options.rows, optional(aList)],
    vocabulary: [options.vocabulary, optional(aList)],
  });
  const { rows = [], vocabulary } = options;
  if (model.adapter) throw new TypeError("Cannot prune a model: it has adapters; merge them with mergeLora()");
  const sizes = cutSizes(model.config, { ...options, vocabularySize: vocabulary?.length });
  const { family, config } = cutConfig(model, { sizes, vocabulary });
  checkEffect(model, sizes);
  const norms = isNarrower(model.config, sizes)
    ? await unitNorms(withLayers(model, sizes.layers), rows, options)
    : undefined;
  const { everywhere, layers } = keptUnits(model.config, { sizes, norms, vocabulary });
  const parameters = cutParameters(model, {
    specs: family.parameters(config),
    sizes,
    keptIn: (layer) => layers[layer ?? -1] ?? everywhere,
  });
  return new LanguageModel(family, config, parameters, model.precision);
}

/** Whether units are chosen by their activations. */
function isNarrower(config: ModelConfig, sizes: CutSizes): boolean {
  const whole = widthsOfConfig(config);
  return (["hidden", "inner", "heads", "keyValueHeads"] as const).some((width) => sizes[width] < whole[width]);
}

/** A width that no parameter of the kept blocks has would be cut in the configuration alone. */
function checkEffect({ family, config }: LanguageModel, sizes: CutSizes): void {
  if (sizes.inner === config.innerSize) return;
  const specs = [...family.parameters(config).values()].filter(({ layer }) => sizes.layers.includes(layer!));
  if (specs.some(({ axes }) => axes.includes("inner"))) return;
  throw new RangeError(
    `Cannot prune: the inner width must stay ${config.innerSize}, no kept block of this ${family.modelType} has inner ` +
      `layers of it, current value is ${sizes.inner}`,
  );
}

interface CutOptions {
  /** The parameters of the smaller model. */
  specs: ReadonlyMap<string, ParameterSpec>;
  sizes: CutSizes;
  /** What is kept in a block of the smaller model, or outside of all. */
  keptIn: (layer: number | undefined) => KeptUnits;
}

function cutParameters(model: LanguageModel, { specs: ours, sizes, keptIn }: CutOptions): Map<string, tf.Variable> {
  const theirs = model.family.parameters(model.config);
  const [widths, { headSize }] = [widthsOfConfig(model.config), model.config];
  const parameters = new Map<string, tf.Variable>();
  for (const [name, origin] of originsOf(ours, { whole: theirs, layers: sizes.layers })) {
    const { layer, shape } = ours.get(name)!;
    const kept = keptIn(layer);
    const cut = cutParameter(model.parameters.get(origin)!, { spec: theirs.get(origin)!, kept, widths, headSize });
    if (cut.shape.join() !== shape.join()) {
      throw new RangeError(
        `Cannot prune: ${name} must be of the shape [${shape}], what is kept of it has [${cut.shape}]`,
      );
    }
    parameters.set(name, tf.variable(cut));
    cut.dispose();
  }
  return parameters;
}
