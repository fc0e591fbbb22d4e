/**
 * Models from and to Hugging Face folders.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Precision } from "../engines/engine.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import type { HubOptions } from "../hub/download_repository.ts";
import { modelFolder } from "../hub/model_folder.ts";
import { hasKernel } from "../operations/fused.ts";
import { lowPrecision } from "../operations/low_precision.ts";
import { familyOf } from "./families.ts";
import type { ModelConfig, ModelFamily, ParameterSpec } from "./family.ts";
import type { WeightFormat } from "./float_formats.ts";
import { LanguageModel } from "./language_model.ts";
import { encodeSafetensors, SafetensorsFile } from "./safetensors.ts";

/** Options for {@linkcode loadModel}. */
export interface LoadModelOptions {
  /** The revision of a repository on a hub: a branch, a tag, a commit. A local folder has none. */
  revision?: string;
  /**
   * How the hub is used: endpoint, cache, token, progress.
   *
   * @default {as the variables of the Hugging Face tools say}
   */
  hub?: HubOptions;
  /**
   * How the parameters are stored on the engine. A model in bfloat16 is for use, as a teacher's; it is not trained.
   *
   * @default {"float32"}
   */
  precision?: Precision;
}

/**
 * Loads a model.
 *
 * @param pathOrRepository A Hugging Face folder, or the name of a repository on a hub, `openai-community/gpt2` for
 * instance, which is loaded into the usual cache. A local folder of that name comes first.
 * @param options Precision, and what concerns the hub.
 * @returns The model, its parameters float32 on the engine in use.
 * @throws {SyntaxError} If a file is not what its format asks for.
 * @throws {RangeError} If the family is unknown, or tensors are missing, extra, of other shapes, or not finite.
 * @throws {TypeError} If a revision of a local folder is asked for.
 * @throws {HubError} If a repository cannot be loaded.
 *
 * @example The built-in student's start
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * assert.deepEqual(model.logits({ inputIds: [[1, 2, 3]] }).shape, [1, 3, model.config.vocabularySize]);
 * ```
 */
export async function loadModel(pathOrRepository: string, options: LoadModelOptions = {}): Promise<LanguageModel> {
  const { revision, hub, precision = "float32" } = options;
  if (precision !== "float32" && !(precision === "bfloat16" && hasKernel("LowPrecision"))) {
    throw new RangeError(
      `Cannot load ${pathOrRepository}: the engine in use stores models in float32 only, current value is ${precision}`,
    );
  }
  const folder = await modelFolder(pathOrRepository, { revision, wanted: "model", hub });
  const json = await readJson(`${folder}/config.json`);
  const family = familyOf(json);
  const config = family.readConfig(json);
  const file = await SafetensorsFile.open(`${folder}/model.safetensors`);
  try {
    return new LanguageModel(family, config, await readParameters(family, config, { file, precision }));
  } finally {
    file.close();
  }
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  let json: unknown;
  try {
    json = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError(`Cannot read ${path}: ${error.message}`, { cause: error });
    if (error instanceof Deno.errors.NotFound) {
      throw new Deno.errors.NotFound(`Cannot load a model: there is no ${path}`, { cause: error });
    }
    throw error;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new SyntaxError(`Cannot read ${path}: it must hold a JSON object`);
  }
  return json as Record<string, unknown>;
}

async function readParameters(
  family: ModelFamily,
  config: ModelConfig,
  { file, precision }: { file: SafetensorsFile; precision: Precision },
): Promise<Map<string, tf.Variable>> {
  const specs = family.parameters(config);
  const tensorOf = matchNames(family, config, { specs, file });
  const parameters = new Map<string, tf.Variable>();
  try {
    for (const [name, { shape }] of specs) {
      const tensorName = tensorOf.get(name)!;
      const numbers = await file.read(tensorName);
      const culprit = numbers.findIndex((number) => !Number.isFinite(number));
      if (culprit >= 0) {
        throw new RangeError(`Cannot load ${file.path}: "${tensorName}" holds ${numbers[culprit]} at index ${culprit}`);
      }
      parameters.set(name, toVariable(numbers, shape, precision));
    }
  } catch (error) {
    for (const parameter of parameters.values()) parameter.dispose();
    throw error;
  }
  return parameters;
}

/**
 * A variable of its own name, since the names of tensorflow.js are global; the tensor it is made from is freed. Vectors
 * stay float32 in either precision.
 */
export function toVariable(numbers: Float32Array, shape: number[], precision: Precision = "float32"): tf.Variable {
  return tf.tidy(() => {
    const tensor = tf.tensor(numbers, shape, "float32");
    return tf.variable(precision === "bfloat16" && shape.length > 1 ? lowPrecision(tensor) : tensor);
  });
}

interface Match {
  specs: Map<string, ParameterSpec>;
  file: SafetensorsFile;
}

/** The tensor in the file for each parameter; every tensor must be one, and every parameter have one. */
function matchNames(family: ModelFamily, config: ModelConfig, { specs, file }: Match): Map<string, string> {
  const tensorOf = new Map<string, string>();
  for (const [tensorName, { shape }] of file.tensors) {
    const name = family.parameterName(tensorName, config);
    if (name === null) continue;
    const spec = specs.get(name);
    if (!spec) throw new RangeError(`Cannot load ${file.path}: "${tensorName}" is no parameter of this model`);
    if (tensorOf.has(name)) throw new RangeError(`Cannot load ${file.path}: it holds "${name}" twice`);
    if (shape.join() !== spec.shape.join()) {
      throw new RangeError(
        `Cannot load ${file.path}: the configuration gives "${tensorName}" the shape [${spec.shape}], ` +
          `the file has [${shape}]`,
      );
    }
    tensorOf.set(name, tensorName);
  }
  const missing = [...specs.keys()].filter((name) => !tensorOf.has(name));
  if (missing.length > 0) {
    throw new RangeError(
      `Cannot load ${file.path}: ${missing.length} tensors are missing, the first is "${missing[0]}"`,
    );
  }
  return tensorOf;
}

/** Options for {@linkcode saveModel}. */
export interface SaveModelOptions {
  /**
   * The format of the numbers in the file.
   *
   * @default {"F32"}
   */
  format?: WeightFormat;
}

/**
 * Saves a model as a Hugging Face folder. Each file is written beside and moved into place.
 *
 * @param model The model.
 * @param folder The folder; it is made if it is not there.
 * @throws {Error} If a file cannot be written, or a number is too large for the format.
 */
export async function saveModel(model: LanguageModel, folder: string, options: SaveModelOptions = {}): Promise<void> {
  const { format = "F32" } = options;
  await Deno.mkdir(folder, { recursive: true });
  const shapes = new Map([...model.parameters].map(([name, { shape }]) => [name, shape]));
  const numbers = async (name: string) => await model.parameters.get(name)!.data() as Float32Array<ArrayBuffer>;
  await writeAtomically(`${folder}/model.safetensors`, encodeSafetensors(shapes, numbers, format));
  const dtype = { F32: "float32", F16: "float16", BF16: "bfloat16" }[format];
  await writeAtomically(`${folder}/config.json`, JSON.stringify({ ...model.config.json, dtype }, null, 2) + "\n");
}
