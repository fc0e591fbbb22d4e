/**
 * The end token of a tokenizer that lies beside a model, or in its GGUF file.
 *
 * @module
 */
import { join } from "node:path";
import { modelFolder } from "../../lib/hub/model_folder.ts";
import { readJsonObjectIfThere } from "../../lib/models/json_file.ts";
import { readGgufTokenizer } from "../../lib/text/gguf/gguf_tokenizer.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { FILE_NAMES } from "../../lib/text/tokenizer_files.ts";
import { mergeSettings, specialTokens } from "../../lib/text/tokenizer_settings.ts";
import { tokenizerGguf } from "../../lib/text/tokenizer_texts.ts";

/**
 * Finds the end token that a model's own tokenizer names, in the vocabulary that it shares with the one in use.
 *
 * @param path The model's folder, file or repository.
 * @param tokenizer The tokenizer in use.
 * @returns The token's id; undefined if the folder has no tokenizer, or it names no end token.
 */
export async function endTokenBeside(
  path: string,
  tokenizer: Pick<Tokenizer, "encode">,
): Promise<Pick<Tokenizer, "endToken"> | undefined> {
  const { eos_token: text } = specialTokens(await settingsAt(await modelFolder(path, { wanted: "model" })));
  const ids = text === undefined ? [] : tokenizer.encode(text);
  return ids.length === 1 ? { endToken: ids[0] } : undefined;
}

async function settingsAt(place: string): Promise<Record<string, unknown>> {
  const gguf = await tokenizerGguf(place);
  if (gguf !== undefined) return (await readGgufTokenizer(gguf)).config;
  const read = async (file: string) => await readJsonObjectIfThere(join(place, file)) ?? {};
  return mergeSettings(await read(FILE_NAMES.config), await read(FILE_NAMES.specialTokens));
}
