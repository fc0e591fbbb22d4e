/**
 * Models from folders that hold adapters alone.
 *
 * @module
 */
import { join } from "node:path";
import type { LanguageModel } from "./language_model.ts";
import { loadModel, type LoadModelOptions } from "./load_model.ts";
import { readPeftConfig } from "./lora_config.ts";
import { loadLora } from "./lora_folder.ts";

/**
 * Finds the model that a folder's adapters belong to.
 *
 * @param folder A folder.
 * @returns The folder or repository that `adapter_config.json` names; nothing where there is no such file.
 * @throws {RangeError} If the file names no model.
 */
export async function baseOfAdapter(folder: string): Promise<string | undefined> {
  const path = join(folder, "adapter_config.json");
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
  const { base_model_name_or_path: base } = await readPeftConfig(path);
  if (base) return base;
  throw new RangeError(`Cannot load ${folder}: its adapter_config.json must name base_model_name_or_path`);
}

/**
 * Loads a model; of a folder with adapters, the model that they belong to, with them on it.
 *
 * @param path A model's folder or repository, or a folder of adapters made by `saveLora` or by Python's `peft`.
 * @param options The precision.
 * @returns The model.
 * @throws {Error} As `loadModel` and `loadLora` do.
 */
export async function loadAdaptedModel(path: string, options: LoadModelOptions = {}): Promise<LanguageModel> {
  const base = await baseOfAdapter(path);
  if (base === undefined) return await loadModel(path, options);
  const model = await loadModel(base, options);
  try {
    await loadLora(model, path);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}
