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
  if (await isFolder(path)) {
    const smaller = await loadTokenizer(path);
    return { ids: idsOf(smaller, { among: tokenizer, path }), tokenizer: smaller };
  }
  const texts = await readTokenizerTexts(await modelFolder(folder, { wanted: "tokenizer" }));
  try {
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
  throw new UsageError(`Cannot use --vocabulary ${path}: a list of texts is needed`);
}

/** The ids by token, of a vocabulary and of what was added to it. */
function tokensOf({ specification }: Tokenizer): Map<string, number> {
  const { vocab = {} } = specification.model as { vocab?: Record<string, number> | [string, number][] };
  const listed = Array.isArray(vocab) ? vocab.map(([token], id) => [token, id] as const) : Object.entries(vocab);
  const added = (specification.added_tokens ?? []) as { content: string; id: number }[];
  return new Map([...listed, ...added.map(({ content, id }) => [content, id] as const)]);
}

/** The ids of a tokenizer's tokens in another one. */
function idsOf(smaller: Tokenizer, { among, path }: { among: Tokenizer; path: string }): number[] {
  const theirs = tokensOf(among);
  const ids = new Array<number>(smaller.vocabularySize);
  for (const [token, id] of tokensOf(smaller)) {
    const found = theirs.get(token);
    if (found === undefined) {
      throw new UsageError(
        `Cannot use --vocabulary ${path}: its tokens must be the model's, ${JSON.stringify(token)} is not among them`,
      );
    }
    ids[id] = found;
  }
  const gap = ids.findIndex((id) => id === undefined);
  if (gap >= 0) throw new UsageError(`Cannot use --vocabulary ${path}: it has no token of the id ${gap}`);
  return ids;
}
