/**
 * The texts of a tokenizer's files, from a folder or a GGUF file.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "../files/exists.ts";
import { findGguf } from "../files/gguf/find_gguf.ts";
import { readGgufTokenizer } from "./gguf/gguf_tokenizer.ts";
import { readTokenizerFiles, TOKENIZER_FILES, type TokenizerParts, type TokenizerTexts } from "./tokenizer_files.ts";

/**
 * Finds the GGUF file whose tokenizer is used.
 *
 * @param path A folder or a file.
 * @returns The file; undefined if there is none, or the folder has a `tokenizer.json`.
 */
export async function tokenizerGguf(path: string): Promise<string | undefined> {
  return await exists(join(path, TOKENIZER_FILES[0])) ? undefined : await findGguf(path);
}

/** The texts that the files of a tokenizer would have. */
export const textsOfParts = ({ specification, config }: TokenizerParts): TokenizerTexts => ({
  tokenizer: JSON.stringify(specification) + "\n",
  config: JSON.stringify(config, undefined, 2) + "\n",
});

/**
 * Reads a tokenizer's texts: those of a folder's files, or those that the tokenizer in a GGUF file would have.
 *
 * @param path A folder or a GGUF file.
 * @throws {Error} If there is no such tokenizer; the message names the file.
 */
export async function readTokenizerTexts(path: string): Promise<TokenizerTexts> {
  const gguf = await tokenizerGguf(path);
  return gguf === undefined ? await readTokenizerFiles(path) : textsOfParts(await readGgufTokenizer(gguf));
}
