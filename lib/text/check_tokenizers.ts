/**
 * Checks that two tokenizers give the same ids.
 *
 * @module
 */
import { anObject, checkArguments } from "../arguments/check_arguments.ts";
import { show } from "./pipeline/stage.ts";
import type { Tokenizer } from "./tokenizer_interface.ts";
import { comparableStages, firstDifference } from "./tokenizer_stages.ts";

/** An added token and its flags. */
interface AddedToken {
  content: string;
  id: number;
  single_word?: boolean;
  lstrip?: boolean;
  rstrip?: boolean;
  normalized?: boolean;
}

/** The parts of a `tokenizer.json` that determine ids. */
interface Vocabulary {
  /** All tokens with their ids, including added tokens. */
  ids: Map<string, number>;
  /** The merges of a BPE model, in order. */
  merges: string[];
  /** The added tokens. */
  added: Map<string, AddedToken>;
  /** The scores of a unigram model's tokens. */
  scores: number[];
}

/**
 * Checks that a student and its teacher have the same vocabulary: the same tokens with the same ids, the same merges in
 * the same order, the same added tokens. They must also have the same stages, so that they encode and decode alike. The
 * sizes of the models' heads are not compared: they may be padded.
 *
 * @param student The student's tokenizer, or the one that makes the rows.
 * @param teacher The teacher's.
 * @param names What messages call them; by default `"student"` and `"teacher"`.
 * @throws {RangeError} If they differ; the message names the first difference, in the order of ids.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer } from "@amid/amid";
 * import { checkTokenizers, tokenizerOf } from "@amid/amid/text";
 *
 * const one = await loadTokenizer("data/tokenizer");
 * checkTokenizers(one, await loadTokenizer("data/tokenizer"));
 *
 * const { added_tokens, model, ...rest } = structuredClone(one.specification) as Record<string, any>;
 * [model.vocab["a"], model.vocab["b"]] = [model.vocab["b"], model.vocab["a"]];
 * const texts = { tokenizer: JSON.stringify({ ...rest, model, added_tokens }), config: '{"eos_token": "<|endoftext|>"}'
 * }; assert.throws(() => checkTokenizers(one, tokenizerOf(texts)), /the student's is "a", the teacher's "b"/);
 * ```
 */
export function checkTokenizers(
  student: Pick<Tokenizer, "specification">,
  teacher: Pick<Tokenizer, "specification">,
  names: readonly [string, string] = ["student", "teacher"],
): void {
  checkArguments("compare tokenizers", { student: [student, anObject], teacher: [teacher, anObject] });
  const [ours, theirs] = [vocabularyOf(student.specification), vocabularyOf(teacher.specification)];
  const differ = (what: string, our: unknown, their: unknown, wanted = "have the same vocabulary") => {
    const shown = (value: unknown) => value === undefined || value === null ? "none" : show(value);
    throw new RangeError(
      `Cannot distil: ${names[1]} and ${names[0]} must ${wanted}, but ${what} differs: ` +
        `the ${owned(names[0])} is ${shown(our)}, the ${owned(names[1])} ${shown(their)}`,
    );
  };
  const [ourTokens, theirTokens] = [byId(ours.ids), byId(theirs.ids)];
  for (let id = 0; id < Math.max(ourTokens.length, theirTokens.length); id += 1) {
    if (ourTokens[id] !== theirTokens[id]) differ(`token ${id}`, ourTokens[id], theirTokens[id]);
  }
  for (let rank = 0; rank < Math.max(ours.merges.length, theirs.merges.length); rank += 1) {
    if (ours.merges[rank] !== theirs.merges[rank]) differ(`merge ${rank}`, ours.merges[rank], theirs.merges[rank]);
  }
  for (const token of ours.added.keys()) if (!theirs.added.has(token)) differ("a special token", token, undefined);
  for (const token of theirs.added.keys()) if (!ours.added.has(token)) differ("a special token", undefined, token);
  for (const [token, our] of ours.added) {
    for (const flag of FLAGS) {
      if (flag === "normalized" && !student.specification.normalizer) continue;
      const [one, other] = [our[flag], theirs.added.get(token)![flag]];
      if (one !== other) differ(`${flag} of ${JSON.stringify(token)}`, one, other, SAME_TOKENS);
    }
  }
  for (let id = 0; id < ours.scores.length; id += 1) {
    const [one, other] = [ours.scores[id], theirs.scores[id]];
    if (one !== other) differ(`the score of token ${id}`, one, other, SAME_TOKENS);
  }
  const stages = firstDifference(comparableStages(student.specification), comparableStages(teacher.specification));
  if (stages !== undefined) differ(stages.place, ...stages.values, SAME_TOKENS);
}

const owned = (name: string): string => name.endsWith("s") ? `${name}'` : `${name}'s`;

const SAME_TOKENS = "encode texts the same";

const FLAGS = ["single_word", "lstrip", "rstrip", "normalized"] as const;

function byId(ids: Map<string, number>): (string | undefined)[] {
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of ids) tokens[id] = token;
  return tokens;
}

function vocabularyOf({ model, added_tokens: added }: Readonly<Record<string, unknown>>): Vocabulary {
  const { vocab, merges = [] } = model as { vocab: Record<string, number> | [string, number][]; merges?: unknown[] };
  const tokens = (added ?? []) as AddedToken[];
  const own: [string, number][] = Array.isArray(vocab)
    ? vocab.map(([token], id) => [token, id])
    : Object.entries(vocab);
  return {
    ids: new Map([...own, ...tokens.map(({ content, id }): [string, number] => [content, id])]),
    // Older files hold a merge as a string with a blank, newer ones as a list of two.
    merges: merges.map((merge) => Array.isArray(merge) ? merge.join(" ") : String(merge)),
    added: new Map(tokens.map((token) => [token.content, token])),
    scores: Array.isArray(vocab) ? vocab.map(([, score]) => score) : [],
  };
}
