/**
 * A new model with random weights.
 *
 * @module
 */
import { anObject, aNumber, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import type * as tf from "@tensorflow/tfjs-core";
import { type RandomStream, randomStream } from "../random/random.ts";
import type { StoragePrecision } from "../engines/engine.ts";
import { familyOf } from "./families/families.ts";
import type { Start } from "./family.ts";
import { LanguageModel } from "./language_model.ts";
import { numberMemory } from "./weights/number_memory.ts";
import { checkStoragePrecision } from "./weights/storage_precision.ts";
import { toVariable } from "./weights/to_variable.ts";

/** Options for {@linkcode initializeModel}. */
export interface InitializeOptions {
  /** The seed of the normal draws; the same seed gives the same model on every engine. */
  seed: number;
  /**
   * How the parameters are stored on the engine. A model in bfloat16 is for inference, such as a teacher; it cannot be
   * trained.
   *
   * @default {"float32"}
   */
  precision?: StoragePrecision;
}

/**
 * Makes a model with random weights, initialized as its family prescribes.
 *
 * @param json A config.json.
 * @param options Seed and precision.
 * @returns The model, its parameters on the engine in use.
 * @throws {RangeError | TypeError} If the configuration is invalid, or the engine cannot store it in that precision.
 *
 * @example A small GPT-2
 * ```ts
 * import { initializeModel, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const shape = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const model = initializeModel(shape, { seed: 1 });
 * console.log(model.parameterCount, model.config.contextLength);
 * ```
 */
export function initializeModel(json: Record<string, unknown>, options: InitializeOptions): LanguageModel {
  checkArguments("make a model", { json: [json, anObject], options: [options, objectWith("seed")] });
  checkArguments("make a model", { seed: [options.seed, aNumber] });
  const { seed, precision = "float32" } = options;
  checkStoragePrecision(precision, "make a model");
  if (precision === "stored") throw new RangeError("Cannot make a model as stored: it is in no file");
  const family = familyOf(json);
  const config = family.readConfig(json);
  const random = randomStream(seed);
  const memory = numberMemory() ?? ((count) => new Float32Array(count));
  const parameters = new Map<string, tf.Variable>();
  for (const [name, { shape, start }] of family.parameters(config)) {
    const size = shape.reduce((product, extent) => product * extent, 1);
    parameters.set(name, toVariable(startingNumbers(memory(size), start, random), shape, precision));
  }
  return new LanguageModel(family, config, parameters, precision);
}

/** Fills the memory. */
function startingNumbers(numbers: Float32Array, start: Start, random: RandomStream): Float32Array {
  if (start === "ones" || start === "zeros") return numbers.fill(start === "ones" ? 1 : 0);
  const size = numbers.length;
  for (let i = 0; i < size; i += 2) {
    // G. E. P. Box and M. E. Muller, 1958: two uniform numbers give two normal ones.
    const radius = start.normal * Math.sqrt(-2 * Math.log(1 - random.uniform()));
    const angle = 2 * Math.PI * random.uniform();
    numbers[i] = radius * Math.cos(angle);
    if (i + 1 < size) numbers[i + 1] = radius * Math.sin(angle);
  }
  return numbers;
}
