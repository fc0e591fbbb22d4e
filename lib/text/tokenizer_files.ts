/**
 * The two files of a tokenizer in a Hugging Face folder.
 *
 * @module
 */
import { join } from "node:path";

/** Their names: the tokenizer itself, and its settings. */
export const TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json"] as const;

/** The texts of the two files. */
export interface TokenizerTexts {
  /** The text of `tokenizer.json`. */
  tokenizer: string;
  /** The text of `tokenizer_config.json`. */
  config: string;
}

/**
 * Reads the two files.
 *
 * @param folder The local folder.
 * @returns Their texts.
 * @throws {Error} If the folder or a file is not there; the message names it.
 */
export async function readTokenizerFiles(folder: string): Promise<TokenizerTexts> {
  const isFolder = await Deno.stat(folder).then(({ isDirectory }) => isDirectory, (error) => {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  });
  if (!isFolder) {
    throw new Error(
      `Cannot load the tokenizer: a folder or the name of a repository is needed, current value is ${folder}`,
    );
  }
  const [tokenizer, config] = await Promise.all(TOKENIZER_FILES.map(async (file) => {
    try {
      return await Deno.readTextFile(join(folder, file));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot load the tokenizer: ${join(folder, file)}: ${message}`, { cause });
    }
  }));
  return { tokenizer, config };
}
