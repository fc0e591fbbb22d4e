/**
 * Models from Hugging Face folders and GGUF files.
 *
 * @module
 */
import type { StoragePrecision } from "../engines/engine.ts";
import type { HubOptions } from "../hub/download_repository.ts";
import { modelFolder } from "../hub/model_folder.ts";
import { LanguageModel } from "./language_model.ts";
import { adapterBase } from "./lora/adapter_base.ts";
import { loadLora } from "./lora/lora_folder.ts";
import { storedModel } from "./stored_model.ts";
import { readParameters } from "./weights/read_parameters.ts";
import { checkStoragePrecision } from "./weights/storage_precision.ts";

export { saveModel, type SaveModelOptions } from "./save_model.ts";

/** Options for {@linkcode loadModel}. */
export interface LoadModelOptions {
  /** The revision of a repository on a hub: a branch, a tag, a commit. Not for a local folder. */
  revision?: string;
  /**
   * How the hub is used: endpoint, cache, token, progress.
   *
   * @default {from the environment variables of the Hugging Face tools}
   */
  hub?: HubOptions;
  /**
   * How the parameters are stored on the engine. A model in bfloat16 is for inference, such as a teacher; it cannot be
   * trained.
   *
   * @default {"float32"}
   */
  precision?: StoragePrecision;
  /**
   * The tokenizer's size, if the head is padded beyond it: {@linkcode LanguageModel.limitVocabulary} is called with it.
   *
   * @default {the size of the head}
   */
  vocabularySize?: number;
  /**
   * A folder of adapters to add to the model, written by `saveLora` or by Python's `peft`.
   *
   * @default {none}
   */
  adapter?: string;
}

/**
 * Loads a model; for a folder of adapters, their base model with the adapters.
 *
 * @param pathOrRepository A Hugging Face folder, a GGUF file or a folder that holds one, a folder of adapters, or the
 * name of a repository on a hub, `openai-community/gpt2` for instance, which is loaded into the usual cache. A local
 * path takes precedence.
 * @param options Precision, the size of the vocabulary, adapters, and hub settings.
 * @returns The model, its parameters float32 on the engine in use.
 * @throws {SyntaxError} If a file does not follow its format.
 * @throws {RangeError} If the family is unknown, tensors are missing, extra, of other shapes, or not finite, or the
 * engine cannot store them in that precision; if adapters name no base model, or do not fit it.
 * @throws {TypeError} If a revision of a local folder is requested, or a weight file contains anything but tensors.
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
  const { adapter } = options;
  const found = typeof pathOrRepository === "string" ? await adapterBase(pathOrRepository) : undefined;
  const model = found
    ? await loadStored(found.base, { ...options, revision: found.revision })
    : await loadStored(pathOrRepository, options);
  try {
    if (found) await loadLora(model, pathOrRepository);
    if (adapter !== undefined) await loadLora(model, adapter);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** Loads a model without adapters. */
async function loadStored(pathOrRepository: string, options: LoadModelOptions): Promise<LanguageModel> {
  const { revision, hub, precision = "float32", vocabularySize } = options;
  checkStoragePrecision(precision, `load ${pathOrRepository}`);
  const folder = await modelFolder(pathOrRepository, { revision, wanted: "model", hub });
  const { family, config: asked, tensors } = await storedModel(folder);
  const files = await tensors();
  try {
    const { config, parameters } = await readParameters(family, { config: asked, files, precision });
    const model = new LanguageModel(family, config, parameters, precision);
    return limited(model, vocabularySize);
  } finally {
    files.close();
  }
}

/** Limits the model's vocabulary, or disposes of the model if that fails. */
function limited(model: LanguageModel, vocabularySize: number | undefined): LanguageModel {
  try {
    if (vocabularySize !== undefined) model.limitVocabulary(vocabularySize);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}
