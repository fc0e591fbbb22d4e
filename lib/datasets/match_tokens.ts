/**
 * Matches the texts of a prepared folder with their tokens, which are in another file, by the key of each row.
 *
 * @module
 */
import type { Row } from "../batches/row.ts";
import type { PlacedRow } from "./instruction_file.ts";
import { textKey } from "./text_key.ts";
import { openTokenStore } from "./token_store.ts";

/** The two files of a split. */
export interface SplitFiles {
  /** `<split>.jsonl`, for messages. */
  texts: string;
  /** `<split>.tokens`. */
  tokens: string;
}

/**
 * Finds the tokens of each text; the order of rows in the files does not matter.
 *
 * @param placed The rows of text.
 * @param files Their files, and the token store.
 * @returns The row of tokens of each.
 * @throws {SyntaxError} If a text has no tokens or tokens have no text; the message names the row, its file and its
 * line.
 */
export function matchTokens(
  placed: readonly PlacedRow[],
  { texts, tokens }: SplitFiles,
): ReadonlyMap<PlacedRow, Row> {
  const refuse = (what: string): never => {
    throw new SyntaxError(`Cannot read ${tokens}: ${what}; prepare the data again`);
  };
  using store = openTokenStore(tokens);
  if (!store.hasKeys) refuse(`rows must have keys to be matched with ${texts}, they have none`);
  const places = Map.groupBy(Array(store.length).keys(), (place) => store.keyOf(place));
  const matched = new Map<PlacedRow, Row>();
  for (const one of placed) {
    const key = textKey(one.row);
    const place = places.get(key)?.shift() ??
      refuse(`it must have a row for each of ${texts}, it has none for line ${one.line}, whose key is ${key}`);
    matched.set(one, store.row(place));
  }
  for (const [key, [place]] of places) {
    if (place === undefined) continue;
    refuse(`each row must have its text in ${texts}, row ${place} has none, whose key is ${key}`);
  }
  return matched;
}
