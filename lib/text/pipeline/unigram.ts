/**
 * The unigram model: of all ways to write a part in tokens, the one whose scores sum highest.
 *
 * Source: T. Kudo, "Subword regularization", 2018, and the code of SentencePiece.
 *
 * @module
 */
import { byteTokens } from "./byte_pairs.ts";
import type { EncodePart } from "./models.ts";
import { type Settings, show } from "./stage.ts";

/** An unknown character scores so much below the lowest token. */
const UNKNOWN_PENALTY = 10;

const encoder = new TextEncoder();

type Node = { id?: number; next: Map<string, Node> };

/** A token with its score. */
export type ScoredToken = readonly [token: string, score: number];

/**
 * Makes the model.
 *
 * @param settings Its settings.
 * @param unknown The id of the token for what has none, if there is one (`unk_id`).
 * @param pieces The tokens with their scores, in the order of ids.
 * @returns What gives the ids of a part; a part with a character that has no token is a RangeError.
 */
export function unigram({ read }: Settings, unknown: number | undefined, pieces: readonly ScoredToken[]): EncodePart {
  const vocabulary = new Map(pieces.map(([token], id) => [token, id]));
  const bytes = read("byte_fallback", "boolean", false) ? byteTokens(vocabulary) : undefined;
  const unknownScore = pieces.reduce((least, [, score]) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;
  const root: Node = { next: new Map() };
  for (const [token, id] of vocabulary) {
    let node = root;
    for (const character of token) {
      let next = node.next.get(character);
      if (next === undefined) node.next.set(character, next = { next: new Map() });
      node = next;
    }
    node.id = id;
  }

  const idsOf = (text: string): number[] => {
    const id = vocabulary.get(text);
    if (id !== undefined) return [id];
    const found = bytes && Array.from(encoder.encode(text), (byte) => bytes[byte]);
    if (found?.every((byte) => byte !== undefined)) return found;
    if (unknown === undefined) throw new RangeError(`there is no token for ${show(text)}`);
    return [unknown];
  };

  return (part) => {
    const characters = Array.from(part);
    const best = bestPaths(characters, { root, pieces, unknown, unknownScore });
    const texts: string[] = [];
    let unknownEnd = -1;
    for (let end = characters.length; end > 0;) {
      const { id, start } = best[end]!;
      const text = characters.slice(start, end).join("");
      // Neighbouring unknown characters are one token.
      if (id === unknown && unknownEnd === end) texts[texts.length - 1] = text + texts.at(-1);
      else texts.push(text);
      unknownEnd = id === unknown ? start : -1;
      end = start;
    }
    return texts.reverse().flatMap(idsOf);
  };
}

interface Step {
  id: number | undefined;
  start: number;
  score: number;
}

/** The best way to each place of a part, by its last token. */
function bestPaths(
  characters: readonly string[],
  { root, pieces, unknown, unknownScore }: {
    root: Node;
    pieces: readonly ScoredToken[];
    unknown: number | undefined;
    unknownScore: number;
  },
): (Step | undefined)[] {
  const best: (Step | undefined)[] = new Array(characters.length + 1).fill(undefined);
  const propose = (end: number, step: Step) => {
    const present = best[end];
    if (present === undefined || step.score > present.score) best[end] = step;
  };
  for (let start = 0; start < characters.length; start += 1) {
    const score = best[start]?.score ?? 0;
    let node = root.next.get(characters[start]);
    const hasCharacter = node?.id !== undefined;
    for (let end = start + 1; node !== undefined; end += 1) {
      if (node.id !== undefined) propose(end, { id: node.id, start, score: pieces[node.id][1] + score });
      node = end < characters.length ? node.next.get(characters[end]) : undefined;
    }
    if (!hasCharacter) {
      if (unknown === undefined) throw new RangeError(`there is no token for ${show(characters[start])}`);
      propose(start + 1, { id: unknown, start, score: unknownScore + score });
    }
  }
  return best;
}
