/**
 * A model's configuration without its weights.
 *
 * @module
 */
import { modelFolder } from "../hub/model_folder.ts";
import type { ModelConfig } from "./family.ts";
import { baseOfAdapter } from "./lora/adapter_base.ts";
import { storedModel } from "./stored_model.ts";

/** The configuration of a model, or of the base model of a folder's adapters; no weights are read. */
export async function modelConfigOf(path: string): Promise<ModelConfig> {
  return (await storedModel(await modelFolder(await baseOfAdapter(path) ?? path, { wanted: "model" }))).config;
}
