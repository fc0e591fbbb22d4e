/**
 * The tokens of one tokenizer in another.
 *
 * @module
 */
import type { Tokenizer } from "./tokenizer_interface.ts";

/** The ids by token, of a vocabulary and of what was added to it. */
function tokensOf({ specification }: Tokenizer): Map<string, number> {
  const { vocab = {} } = specification.model as { vocab?: Record<string, number> | [string, number][] };
  const listed = Array.isArray(vocab) ? vocab.map(([token], id) => [token, id] as const) : Object.entries(vocab);
  const added = (specification.added_tokens ?? []) as { content: string; id: number }[];
  return new Map([...listed, ...added.map(({ content, id }) => [content, id] as const)]);
}

/**
 * Finds the ids that a tokenizer's tokens have in a larger one.
 *
 * @param smaller The tokenizer.
 * @param larger The tokenizer that has all of its tokens.
 * @returns For each id of the smaller one that of the same token in the larger one.
 * @throws {RangeError} If the larger one lacks a token, or the smaller one leaves an id out.
 */
export function tokenIdsIn(smaller: Tokenizer, larger: Tokenizer): number[] {
  const theirs = tokensOf(larger);
  const ids = new Array<number>(smaller.vocabularySize);
  for (const [token, id] of tokensOf(smaller)) {
    const found = theirs.get(token);
    if (found === undefined) {
      throw new RangeError(`its tokens must be the model's, ${JSON.stringify(token)} is not among them`);
    }
    ids[id] = found;
  }
  const gap = ids.findIndex((id) => id === undefined);
  if (gap >= 0) throw new RangeError(`it has no token of the id ${gap}`);
  return ids;
}
