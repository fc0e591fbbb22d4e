/**
 * A model with nothing beside its weights.
 *
 * @module
 */
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { mergeLora } from "../../lib/models/lora/add_lora.ts";

/**
 * Loads a model, its adapters merged if it has some.
 *
 * @param path A model's folder, file or repository, or a folder of adapters.
 */
export async function loadWhole(path: string): Promise<LanguageModel> {
  const model = await loadModel(path);
  if (model.lora) mergeLora(model);
  return model;
}
