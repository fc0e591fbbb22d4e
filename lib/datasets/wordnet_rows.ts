/**
 * The built-in corpus: instruction rows made from WordNet at run time, real English with short answers.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { alpacaPrompt } from "../text/alpaca_prompt.ts";
import { balancedByAnswer } from "./balance.ts";
import { hashText, type RandomStream, randomStream, shuffled } from "../random/random.ts";
import type { WordNet } from "./wordnet.ts";
import { KIND_RULES, type Question, type WordNetKind, wordNetQuestions } from "./wordnet_kinds.ts";
import type { Split } from "./wordnet_split.ts";

/** An instruction row of the built-in corpus. */
export interface WordNetRow {
  /** The kind of question. */
  kind: WordNetKind;
  /** The instruction, including the subject. */
  instruction: string;
  /** Always empty: the subject is part of the instruction. */
  input: string;
  /** The answer. */
  output: string;
  /** The whole prompt in the Alpaca form. */
  prompt: string;
}

/** Options for {@linkcode wordNetRows}. */
export interface WordNetRowsOptions {
  /** WordNet, as `readWordNet()` returns it. */
  dictionary: WordNet;
  /** The part of the corpus; which word is in which part never changes. */
  split: Split;
  /**
   * The seed that decides which rows are drawn, their wording and their order.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * The number of rows in all, divided equally among the kinds (the first kinds get one more if it does not divide
   * evenly). A kind of the train split with too few rows starts over with other draws; without a number, every kind
   * contributes all its rows once.
   */
  count?: number;
  /**
   * The kinds of questions.
   *
   * @default {every kind}
   */
  kinds?: readonly WordNetKind[];
}

/** The names of all kinds of questions. */
export const WORDNET_KINDS: readonly WordNetKind[] = Object.keys(KIND_RULES) as WordNetKind[];

/**
 * Makes rows: balanced by answer within each kind, in equal shares of the kinds, shuffled. The same options give the
 * same rows on every machine.
 *
 * @param options Dictionary, split, seed, number and kinds.
 * @returns The rows.
 * @throws {RangeError} If the number is not a positive whole number, a kind is unknown, or a held-out split has fewer
 * rows than requested.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readWordNet, wordNetFolder, wordNetRows } from "@amid/amid/datasets";
 *
 * const dictionary = await readWordNet(wordNetFolder());
 * const rows = wordNetRows({ dictionary, split: "test", count: 10, kinds: ["noun-field", "word-class"] });
 * assert(rows.length === 10 && rows.filter(({ kind }) => kind === "noun-field").length === 5);
 * ```
 */
export function wordNetRows(options: WordNetRowsOptions): WordNetRow[] {
  checkArguments("make rows", { options: [options, objectWith("dictionary", "split", "count")] });
  const { dictionary, split, seed = 0, count, kinds = WORDNET_KINDS } = options;
  for (const kind of kinds) {
    if (!WORDNET_KINDS.includes(kind)) {
      throw new RangeError(
        `Cannot make rows: kind must be one of ${WORDNET_KINDS.join(", ")}, current value is ${kind}`,
      );
    }
  }
  if (kinds.length === 0) throw new RangeError("Cannot make rows: at least one kind is needed, current count is 0");
  if (count !== undefined && !(Number.isInteger(count) && count > 0)) {
    throw new RangeError(`Cannot make rows: count must be a positive whole number, current value is ${count}`);
  }
  const rows = [...wordNetQuestions(dictionary, { split, kinds })].flatMap(([kind, questions], place) => {
    const random = randomStream(hashText(`${split} ${kind}`, seed));
    const wanted = count === undefined ? undefined : Math.floor((count + kinds.length - 1 - place) / kinds.length);
    const drawn = draw(questions, { kind, split, wanted, random });
    return drawn.map((question) => render(question, kind, random));
  });
  return shuffled(rows, randomStream(seed));
}

/** A subject with more characters than this would make the row too long for the built-in models. */
const LONGEST_SUBJECT = 220;

interface DrawOptions {
  kind: WordNetKind;
  split: Split;
  wanted?: number;
  random: RandomStream;
}

function draw(questions: Question[], { kind, split, wanted, random }: DrawOptions): Question[] {
  const pass = (): Question[] =>
    balancedByAnswer(questions, { answerOf: ({ answer }) => answer, factor: KIND_RULES[kind].balance, random })
      .filter(({ subject }) => subject.length <= LONGEST_SUBJECT);
  const drawn = pass();
  if (wanted === undefined) return drawn;
  if (drawn.length < wanted && split !== "train") {
    throw new RangeError(`Cannot make rows: ${wanted} of kind ${kind} are requested, ${split} has ${drawn.length}`);
  }
  while (drawn.length < wanted) drawn.push(...pass());
  return drawn.slice(0, wanted);
}

function render({ subject, answer }: Question, kind: WordNetKind, random: RandomStream): WordNetRow {
  const { instructions } = KIND_RULES[kind];
  // A function as replacement, so that a "$" in the subject is literal.
  const instruction = instructions[random.below(instructions.length)].replace("*", () => subject);
  return { kind, instruction, input: "", output: answer, prompt: alpacaPrompt({ instruction }) };
}
