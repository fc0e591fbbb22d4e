/**
 * A model's configuration without its weights.
 *
 * @module
 */
import { modelFolder } from "../hub/model_folder.ts";
import { familyOf } from "./families/families.ts";
import type { ModelConfig } from "./family.ts";
import { readJsonObject } from "./json_file.ts";
import { baseOfAdapter } from "./lora/load_adapted.ts";

/** The configuration of a model, or of that which a folder's adapters belong to; no weights are read. */
export async function modelConfigOf(path: string): Promise<ModelConfig> {
  const folder = await modelFolder(await baseOfAdapter(path) ?? path, { wanted: "model" });
  const json = await readJsonObject(`${folder}/config.json`);
  return familyOf(json).readConfig(json);
}
