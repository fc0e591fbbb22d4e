/**
 * Which tokens task prune keeps: those of another tokenizer, or of a list.
 *
 * @module
 */
import { isFolder } from "../../lib/files/exists.ts";
import { parseJson } from "../../lib/files/parse_json.ts";
import { readText } from "../../lib/files/read_text.ts";
import { modelFolder } from "../../lib/hub/model_folder.ts";
import { cutVocabulary } from "../../lib/text/cut_vocabulary.ts";
import { tokenIdsIn } from "../../lib/text/token_ids_in.ts";
import { loadTokenizer, tokenizerOf } from "../../lib/text/tokenizer.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { readTokenizerTexts } from "../../lib/text/tokenizer_texts.ts";
import { UsageError } from "./usage_error.ts";

/** The tokens that are kept. */
export interface KeptVocabulary {
  /** Their ids in the model's tokenizer, in their new order; undefined where all are kept. */
  ids?: readonly number[];
  /** The tokenizer of the smaller model. */
  tokenizer: Tokenizer;
}

/**
 * Finds the tokens.
 *
 * @param path `--vocabulary`: the folder of a tokenizer, or a file of tokens, a line each or a list in JSON.
 * @param model The model's tokenizer and its folder or repository.
 * @throws {UsageError} If a token is not among the model's, or the file is no list.
 */
export async function keptVocabulary(
  path: string | undefined,
  { tokenizer, folder }: { tokenizer: Tokenizer; folder: string },
): Promise<KeptVocabulary> {
  if (path === undefined) return { tokenizer };
  try {
    if (await isFolder(path)) {
      const smaller = await loadTokenizer(path);
      return { ids: tokenIdsIn(smaller, tokenizer), tokenizer: smaller };
    }
    const texts = await readTokenizerTexts(await modelFolder(folder, { wanted: "tokenizer" }));
    const cut = cutVocabulary(texts, await listOf(path));
    return { ids: cut.ids, tokenizer: tokenizerOf(cut.texts) };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UsageError(`Cannot use --vocabulary ${path}: ${cause.message}`, { cause });
  }
}

async function listOf(path: string): Promise<string[]> {
  const text = await readText(path);
  if (!path.endsWith(".json")) return text.split(/\r?\n/).filter((line) => line !== "");
  const list = parseJson(text, { name: path });
  if (Array.isArray(list) && list.every((token) => typeof token === "string")) return list;
  throw new UsageError(`Cannot use --vocabulary ${path}: a list of strings is needed`);
}
