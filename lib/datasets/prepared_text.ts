/**
 * Prepared plain text as rows.
 *
 * @module
 */
import { join } from "node:path";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { readManifest, tokenizerHash } from "./prepare/manifest.ts";
import type { Row } from "../batches/row.ts";
import { openTokenStore } from "./token_store.ts";

/** Options for {@linkcode preparedTextRows}. */
export interface PreparedTextOptions {
  /** The tokenizer in use. */
  tokenizer: Tokenizer;
  /** The maximum number of tokens of a row. */
  length: number;
}

/**
 * Reads the training rows of a prepared folder.
 *
 * @param folder The folder.
 * @param options The tokenizer, and the maximum length of rows.
 * @returns The rows; undefined if the folder was not prepared by this project.
 * @throws {RangeError} If it was prepared with another tokenizer or longer rows, or is not plain text.
 */
export async function preparedTextRows(folder: string, options: PreparedTextOptions): Promise<Row[] | undefined> {
  const { tokenizer, length } = options;
  const manifest = await readManifest(folder);
  if (!manifest) return undefined;
  const refuse = (what: string): never => {
    throw new RangeError(`Cannot use the text ${folder}: ${what}`);
  };
  if (manifest.kind !== "text") refuse(`it must be plain text, it is ${manifest.kind}`);
  if (manifest.recipe.tokenizer !== tokenizerHash(tokenizer)) {
    refuse("it must be prepared with the tokenizer in use; prepare it again");
  }
  using store = openTokenStore(join(folder, "train.tokens"));
  const longest = store.length > 0 ? store.lengthOf(0) : 0; // all but the last have the same length
  if (longest > length) {
    refuse(`its rows have ${longest} tokens, at most ${length} are possible here; prepare it again`);
  }
  return [...store.rows()];
}
