/**
 * Adapters put on a model, and merged into its weights.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { aList, aModel, checkArguments, optional } from "../../arguments/check_arguments.ts";
import { randomStream } from "../../random/random.ts";
import type { LanguageModel } from "../language_model.ts";
import { toVariable } from "../weights/to_variable.ts";
import { Lora, type LoraOptions, type LoraPair } from "./lora.ts";
import { adaptable, matchTargets } from "./lora_targets.ts";

/**
 * Adds adapters to a model. From then on only these are trained, and the model's parameters are frozen. Initially they
 * add nothing, since B is zero; A is uniform within ±1/√I.
 *
 * @param model The model; it must not have adapters yet.
 * @param options Rank, scale, dropout, targets and seed.
 * @returns The adapters, also in `model.lora`.
 * @throws {RangeError} If an option is out of range, a target is not a projection of the model, or it already has
 * adapters.
 *
 * @example A thirtieth of the parameters is trained
 * ```ts
 * import assert from "node:assert/strict";
 * import { addLora, loadModel, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * addLora(model, { rank: 4, targets: ["c_attn"] });
 * const trained = [...model.trainable.values()].reduce((sum, { size }) => sum + size, 0);
 * assert(trained < model.parameterCount / 30);
 * ```
 */
export function addLora(model: LanguageModel, options: LoraOptions = {}): Lora {
  checkArguments("adapt the model", { model: [model, aModel], targets: [options.targets, optional(aList)] });
  const { rank = 16, alpha = 64, dropout = 0, targets, seed = 0, base } = options;
  checkNumbers({ rank, alpha, dropout });
  const projections = adaptable(model);
  const chosen = matchTargets(projections, targets);
  const random = randomStream(seed);
  const pairs = new Map<string, LoraPair>();
  for (const name of chosen.names) {
    const { inputs, outputs } = projections.get(name)!;
    const bound = 1 / Math.sqrt(inputs);
    const numbers = Float32Array.from({ length: rank * inputs }, () => bound * (2 * random.uniform() - 1));
    pairs.set(name, {
      a: toVariable(numbers, [rank, inputs]),
      b: toVariable(new Float32Array(outputs * rank), [outputs, rank]),
    });
  }
  const settings = { rank, alpha, dropout, targets: chosen.targets, seed, base, scale: alpha / rank };
  return attachLora(model, new Lora(pairs, settings));
}

/**
 * Puts adapters on a model.
 *
 * @throws {RangeError} If it has some already; they are then freed.
 */
export function attachLora(model: LanguageModel, lora: Lora): Lora {
  if (model.lora) {
    lora.dispose();
    throw new RangeError("Cannot adapt the model: it must have no adapters yet, merge or free them first");
  }
  model.lora = lora;
  model.adapter = lora.add;
  return lora;
}

/**
 * Adds the adapters to the weights of their projections, `W + scale · B A`, and takes them off.
 *
 * @param model The model; without adapters it stays as it is.
 *
 * @example A model like any other
 * ```ts
 * import assert from "node:assert/strict";
 * import { addLora, loadModel, mergeLora, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * addLora(model);
 * mergeLora(model);
 * assert.equal(model.lora, undefined);
 * ```
 */
export function mergeLora(model: LanguageModel): void {
  checkArguments("merge adapters", { model: [model, aModel] });
  const { lora } = model;
  if (!lora) return;
  const projections = adaptable(model);
  for (const [name, { a, b }] of lora.pairs) {
    const weight = model.parameters.get(`${name}.weight`)!;
    tf.tidy(() => {
      const product = tf.mul(tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D), lora.settings.scale);
      weight.assign(tf.add(weight, projections.get(name)!.inputFirst ? tf.transpose(product) : product));
    });
  }
  lora.dispose();
  model.lora = undefined;
  model.adapter = undefined;
}

function checkNumbers({ rank, alpha, dropout }: Record<"rank" | "alpha" | "dropout", number>): void {
  if (!(Number.isInteger(rank) && rank >= 1)) {
    throw new RangeError(`Cannot adapt the model: rank must be a positive whole number, current value is ${rank}`);
  }
  if (!(alpha > 0 && alpha < Infinity)) {
    throw new RangeError(`Cannot adapt the model: alpha must be a number above 0, current value is ${alpha}`);
  }
  if (!(dropout >= 0 && dropout < 1)) {
    throw new RangeError(`Cannot adapt the model: dropout must be in [0, 1), current value is ${dropout}`);
  }
}
