/**
 * Models written for other programs.
 *
 * @module
 */
import { basename } from "node:path";
import { aModel, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { writeFolderAtomically } from "../files/atomic_folder.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import type { LanguageModel } from "./language_model.ts";
import { saveGguf } from "./save_gguf.ts";
import { saveModel } from "./save_model.ts";
import { isWeightFormat } from "./weights/float_formats.ts";
import type { GgufPrecision } from "./weights/gguf/quantize.ts";

/** Options for {@linkcode exportModel}. */
export interface ExportModelOptions {
  /** A GGUF file, which llama.cpp runs, or a folder of safetensors, which transformers loads. */
  to: "gguf" | "safetensors";
  /**
   * How matrices are stored; safetensors have no more than F32, F16 and BF16.
   *
   * @default {"F16" in GGUF, "F32" in safetensors}
   */
  precision?: GgufPrecision;
  /** The model's tokenizer, which is written too, with its chat template. */
  tokenizer: Tokenizer;
}

/**
 * Writes a model with its tokenizer, chat template and generation settings. The file or folder is complete or absent.
 *
 * @param model The model; adapters on it must have been merged.
 * @param path The file, or the folder.
 * @param options What is written.
 * @throws {TypeError} If the model has adapters.
 * @throws {RangeError} If the format lacks the precision, or the family or the tokenizer has no form in it.
 *
 * @example The built-in teacher for transformers
 * ```ts
 * import { loadModel, loadTokenizer, useEngine } from "@amid/amid";
 * import { exportModel } from "@amid/amid/models";
 *
 * await useEngine("wasm");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const folder = `${await Deno.makeTempDir()}/teacher`;
 * await exportModel(await loadModel("data/teacher"), folder, { to: "safetensors", precision: "BF16", tokenizer });
 * await loadModel(folder);
 * ```
 */
export async function exportModel(model: LanguageModel, path: string, options: ExportModelOptions): Promise<void> {
  checkArguments("export", { model: [model, aModel], options: [options, objectWith("to", "tokenizer")] });
  if (model.lora !== undefined) {
    throw new TypeError(
      "Cannot export: the model must have no adapters, which would be lost; merge them with mergeLora(), or save them " +
        "with saveLora()",
    );
  }
  const { to, precision = to === "gguf" ? "F16" : "F32", tokenizer } = options;
  if (to === "gguf") {
    return await saveGguf(model, path, { tokenizer, precision, name: basename(path).replace(/\.gguf$/i, "") });
  }
  if (!isWeightFormat(precision)) {
    throw new RangeError(`Cannot export: safetensors hold F32, F16 or BF16, precision is ${precision}`);
  }
  await writeFolderAtomically(path, async (folder) => {
    await saveModel(model, folder, { format: precision });
    await tokenizer.save(folder);
  });
}
