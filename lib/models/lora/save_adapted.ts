/**
 * Saves models to folders, or only their adapters if they have some.
 *
 * @module
 */
import { aModel, aText, checkArguments } from "../../arguments/check_arguments.ts";
import type { LanguageModel } from "../language_model.ts";
import { saveLora } from "./lora_folder.ts";
import { saveModel, type SaveModelOptions } from "../save_model.ts";

/**
 * Saves what training changes: the adapters, with the name of their base model, if the model has some; otherwise the
 * model.
 *
 * @param model The model.
 * @param folder The folder; it is created if absent.
 * @param options The format of a model's numbers; adapters are always float32.
 * @throws {Error} If a file cannot be written.
 */
export async function saveAdaptedModel(
  model: LanguageModel,
  folder: string,
  options: SaveModelOptions = {},
): Promise<void> {
  checkArguments("save a model", { model: [model, aModel], folder: [folder, aText] });
  if (model.lora) await saveLora(model, folder);
  else await saveModel(model, folder, options);
}
