/**
 * The files of a tokenizer in a Hugging Face folder.
 *
 * @module
 */
import { join } from "node:path";
import { exists, isFolder } from "../files/exists.ts";
import { pageKind } from "../files/file_kinds.ts";
import { readText } from "../files/read_text.ts";

/** Their names: the tokenizer itself, and its settings. */
export const TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json"] as const;

/** Further files of some folders, by content. */
const MORE_FILES = {
  specialTokens: "special_tokens_map.json",
  addedTokens: "added_tokens.json",
  chatTemplate: "chat_template.jinja",
} as const;

/** The names of all files, by content. */
export const FILE_NAMES: Readonly<Record<keyof TokenizerTexts, string>> = {
  tokenizer: TOKENIZER_FILES[0],
  config: TOKENIZER_FILES[1],
  ...MORE_FILES,
};

/** The texts of the files. */
export interface TokenizerTexts {
  /** The text of `tokenizer.json`. */
  tokenizer: string;
  /** The text of `tokenizer_config.json`. */
  config: string;
  /** The text of `special_tokens_map.json`, if there is one. */
  specialTokens?: string;
  /** The text of `added_tokens.json`, if there is one. */
  addedTokens?: string;
  /** The text of `chat_template.jinja`, if there is one. */
  chatTemplate?: string;
}

/** The parsed contents of the files. */
export interface TokenizerParts {
  /** The contents of `tokenizer.json`. */
  specification: Record<string, unknown>;
  /** The contents of `tokenizer_config.json`. */
  config: Record<string, unknown>;
}

/**
 * Reads the files.
 *
 * @param folder The local folder.
 * @returns Their texts.
 * @throws {Error} If the folder or a file is missing; the message names it.
 */
export async function readTokenizerFiles(folder: string): Promise<TokenizerTexts> {
  if (!await isFolder(folder)) {
    throw new Error(
      `Cannot load the tokenizer: a folder or the name of a repository is needed, current value is ${folder}`,
    );
  }
  const [tokenizer, config] = await Promise.all(TOKENIZER_FILES.map(async (file) => {
    try {
      return await readText(join(folder, file));
    } catch (cause) {
      const { message } = cause as Error;
      const advice = cause instanceof Deno.errors.NotFound ? await adviceFor(folder) : "";
      throw new Error(message.replace("Cannot read", "Cannot load the tokenizer:") + advice, { cause });
    }
  }));
  const texts: TokenizerTexts = { tokenizer, config };
  for (const [key, file] of Object.entries(MORE_FILES) as [keyof typeof MORE_FILES, string][]) {
    try {
      texts[key] = await readText(join(folder, file));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  const page = pageKind(texts.chatTemplate ?? "");
  if (page === undefined) return texts;
  throw new SyntaxError(`Cannot load the tokenizer: ${join(folder, MORE_FILES.chatTemplate)}: it is ${page}`);
}

/** Files of tokenizers in older forms. */
const OLDER_FILES = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json", "vocab.txt"];

/** Whether a folder holds files of a tokenizer, if only some of them, or in an older form. */
export async function hasTokenizerPart(folder: string): Promise<boolean> {
  const found = await Promise.all([...TOKENIZER_FILES, ...OLDER_FILES].map((file) => exists(join(folder, file))));
  return found.includes(true);
}

/** Advice for a folder without the file. */
async function adviceFor(folder: string): Promise<string> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  const older = OLDER_FILES.find((name) => names.includes(name));
  if (older !== undefined) {
    return `; the folder has ${older}, which Python converts: ` +
      "AutoTokenizer.from_pretrained(folder).save_pretrained(another)";
  }
  return names.includes("config.json") ? "; the tokenizer of this model may be in another folder" : "";
}
