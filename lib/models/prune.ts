/**
 * Pruning: a smaller model with fewer blocks, hidden dimensions, inner units, heads, experts and tokens.
 *
 * @module
 */
import { aList, aModel, anObject, checkArguments, optional } from "../arguments/check_arguments.ts";
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
   * The ids of the kept tokens, in their new order; they must include the end tokens.
   *
   * @default {all}
   */
  vocabulary?: readonly number[];
  /** Rows of token ids whose activations decide which units are kept; needed if a width or experts are cut. */
  rows?: readonly (readonly number[])[];
}

/**
 * Prunes a model: first blocks, then the units that are least active on some rows, and the experts that are least used.
 * What is kept is copied unchanged; the result is a starting point for further training.
 *
 * @param model The model, without adapters; it is not modified.
 * @param options The sizes, and rows if a width is cut.
 * @returns The smaller model, its parameters on the engine in use.
 * @throws {RangeError} If a size is out of range or does not divide, the family cannot have these sizes, or rows are
 * needed and missing.
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
  checkArguments("prune a model", { model: [model, aModel], options: [options, anObject] });
  checkArguments("prune a model", {
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
  return (["hidden", "inner", "heads", "keyValueHeads", "experts"] as const).some((width) =>
    sizes[width] < whole[width]
  );
}

/** A width that no parameter of the kept blocks has would only be cut in the configuration. */
function checkEffect({ family, config }: LanguageModel, sizes: CutSizes): void {
  const whole = widthsOfConfig(config);
  const specs = [...family.parameters(config).values()].filter(({ layer }) => sizes.layers.includes(layer!));
  for (const [width, what] of [["inner", "the inner width"], ["experts", "the number of experts"]] as const) {
    if (sizes[width] === whole[width] || specs.some(({ axes }) => axes.includes(width))) continue;
    throw new RangeError(
      `Cannot prune: ${what} must remain ${whole[width]}, no kept block of this ${family.modelType} has ` +
        `${width === "inner" ? "inner layers of it" : "experts"}, current value is ${sizes[width]}`,
    );
  }
}

interface CutOptions {
  /** The parameters of the smaller model. */
  specs: ReadonlyMap<string, ParameterSpec>;
  sizes: CutSizes;
  /** The units kept in a block of the pruned model, or outside of blocks. */
  keptIn: (layer: number | undefined) => KeptUnits;
}

function cutParameters(model: LanguageModel, { specs: ours, sizes, keptIn }: CutOptions): Map<string, tf.Variable> {
  const theirs = model.family.parameters(model.config);
  const [widths, { headSize }] = [widthsOfConfig(model.config), model.config];
  const parameters = new Map<string, tf.Variable>();
  const expertOf = (layer: number, expert: number) => keptIn(layer).get("experts")?.[expert] ?? expert;
  for (const [name, origin] of originsOf(ours, { whole: theirs, layers: sizes.layers, expertOf })) {
    const { layer, shape } = ours.get(name)!;
    const kept = keptIn(layer);
    const cut = cutParameter(model.parameters.get(origin)!, { spec: theirs.get(origin)!, kept, widths, headSize });
    if (cut.shape.join() !== shape.join()) {
      throw new RangeError(
        `Cannot prune: ${name} must have the shape [${shape}], the kept part has [${cut.shape}]`,
      );
    }
    parameters.set(name, tf.variable(cut));
    cut.dispose();
  }
  return parameters;
}
