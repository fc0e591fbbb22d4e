/**
 * Which tokenizer a task takes where no flag names one.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "../../lib/files/exists.ts";
import { findGguf } from "../../lib/files/gguf/find_gguf.ts";
import { modelFolder } from "../../lib/hub/model_folder.ts";
import { baseOfAdapter } from "../../lib/models/lora/adapter_base.ts";
import { modelConfigOf } from "../../lib/models/model_config_of.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { hasTokenizerPart, TOKENIZER_FILES } from "../../lib/text/tokenizer_files.ts";
import { UsageError } from "./usage_error.ts";

/** The tokenizer of the built-in models, which lie without one. */
export const BUILT_IN_TOKENIZER = "data/tokenizer";

/** Heads are padded to a multiple of this at most: a model with fewer tokens more than a tokenizer may be of it. */
const PADDING = 256;

/**
 * Finds the tokenizer of a task: the one that a flag names; else the one beside the first model that has one, or beside the
 * model that its adapters belong to; else one of whose files some lie there, which is refused where it is read; else the
 * built-in models' own, unless a model's vocabulary is larger.
 *
 * @param given What the flag names.
 * @param models The folders or repositories of the models, the one that counts most first.
 * @returns The folder or repository of the tokenizer.
 * @throws {UsageError} If no model has a tokenizer beside it, and one has a larger vocabulary than the built-in ones.
 */
export async function tokenizerFolderOf(given: string | undefined, models: readonly string[]): Promise<string> {
  if (given !== undefined) return given;
  for (const model of models) {
    for (const path of [model, await baseOfAdapter(model)]) {
      if (path !== undefined && await hasTokenizer(path)) return path;
    }
  }
  for (const model of models) {
    // What is missing is said where the files are read.
    if (await hasTokenizerPart(await modelFolder(model, { wanted: "model" }))) return model;
    const { vocabularySize } = await modelConfigOf(model);
    const builtIn = (await loadTokenizer(BUILT_IN_TOKENIZER)).vocabularySize;
    if (vocabularySize < builtIn + PADDING) continue; // a smaller one is refused where the two meet
    throw new UsageError(
      `Cannot find the tokenizer of ${model}: no ${TOKENIZER_FILES.join(" with ")} is beside it, and ` +
        `${BUILT_IN_TOKENIZER} has ${builtIn} tokens while the model has ${vocabularySize}; set its folder with --tokenizer`,
    );
  }
  return BUILT_IN_TOKENIZER;
}

async function hasTokenizer(path: string): Promise<boolean> {
  const folder = await modelFolder(path, { wanted: "model" });
  const found = await Promise.all(TOKENIZER_FILES.map((file) => exists(join(folder, file))));
  return found.every((there) => there) || await findGguf(folder) !== undefined;
}
