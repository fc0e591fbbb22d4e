/**
 * A stored model: its configuration is read immediately, its tensors on request.
 *
 * @module
 */
import { exists } from "../files/exists.ts";
import { findGguf } from "../files/gguf/find_gguf.ts";
import { tokenIds } from "./config/config_fields.ts";
import { familyOf } from "./families/families.ts";
import type { ModelConfig, ModelFamily } from "./family.ts";
import { readingConfig, readJsonObject, readJsonObjectIfThere } from "./json_file.ts";
import { openGgufModel } from "./weights/gguf/open_gguf_model.ts";
import { isMxfp4, Mxfp4Tensors } from "./weights/mxfp4_tensors.ts";
import type { TensorSource } from "./weights/tensor_source.ts";
import { INDEX_FILE, SINGLE_FILE, WeightFiles } from "./weights/weight_files.ts";

/** A model in files. */
export interface StoredModel {
  family: ModelFamily;
  /** The configuration, including generation settings and end tokens. */
  config: ModelConfig;
  /** Opens its tensors. */
  tensors(): Promise<TensorSource>;
}

/**
 * Reads a stored model's configuration.
 *
 * @param place A Hugging Face folder, a GGUF file, or a folder with one GGUF file and no safetensors.
 * @throws {Deno.errors.NotFound} If there is no such folder or file.
 * @throws {SyntaxError} If a file does not follow its format.
 * @throws {RangeError | TypeError} If the family is unknown or a field is unsupported.
 */
export async function storedModel(place: string): Promise<StoredModel> {
  const weights = [SINGLE_FILE, INDEX_FILE].map((name) => exists(`${place}/${name}`));
  const gguf = (await Promise.all(weights)).includes(true) ? undefined : await findGguf(place);
  if (gguf !== undefined) {
    const { json, generation, tensors } = await openGgufModel(gguf);
    const { family, config } = withFamily(gguf, json);
    return { family, config: { ...config, generation }, tensors };
  }
  const path = `${place}/config.json`;
  const json = await readJsonObject(path);
  const { family, config } = withFamily(path, json);
  const file = `${place}/generation_config.json`;
  const generation = await readJsonObjectIfThere(file);
  const ends = tokenIds(generation ?? {}, "eos_token_id", { vocabularySize: config.vocabularySize, file });
  const endTokens = [...new Set([...ends, ...config.endTokens])];
  const tensors = async () => {
    const files = await WeightFiles.open(place);
    return isMxfp4(json) ? new Mxfp4Tensors(files) : files;
  };
  return { family, config: { ...config, endTokens, generation }, tensors };
}

function withFamily(
  path: string,
  json: Record<string, unknown>,
): Pick<StoredModel, "family" | "config"> {
  return readingConfig(path, () => {
    const family = familyOf(json);
    return { family, config: family.readConfig(json) };
  });
}
