/**
 * The score of always giving the same answer: the baseline that a model must beat to have learned anything.
 *
 * @module
 */
import { aFunction, aList, checkArguments, objectWith } from "../arguments/check_arguments.ts";

/** The best constant answer to the questions of a kind. */
export interface ConstantAnswer {
  /** The kind of question. */
  kind: string;
  /** The answer. */
  answer: string;
  /** Its mean score over all rows of the kind. */
  score: number;
  /** The share of rows that have this answer, 0 to 1. */
  share: number;
}

/** Options for {@linkcode constantAnswers}. */
export interface ConstantAnswersOptions {
  /** Scores a prediction against the accepted answers: `rougeL`, say. */
  score: (prediction: string, references: string[]) => number;
  /**
   * Up to this many distinct answers of a kind are all tried on all rows. If there are more, each is first tried on
   * this many rows, evenly spaced, and the best tenth of this number on all rows.
   *
   * @default {200}
   */
  exhaustive?: number;
}

/**
 * Finds, for every kind, the answer that scores best when it is always given.
 *
 * @param rows The questions' kinds and answers.
 * @param options The score.
 * @returns The best constant answer of each kind, in the order in which the kinds first occur; ties go to the answer
 * that occurs first.
 * @throws {RangeError} If there are no rows.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { constantAnswers } from "@amid/amid/datasets";
 *
 * const rows = ["bird", "fish", "bird"].map((output) => ({ kind: "animal", output }));
 * const [best] = constantAnswers(rows, { score: (a, [b]) => (a === b ? 1 : 0) });
 * assert(best.answer === "bird" && best.share === 2 / 3);
 * ```
 */
export function constantAnswers(
  rows: readonly { kind: string; output: string }[],
  options: ConstantAnswersOptions,
): ConstantAnswer[] {
  checkArguments("find constant answers", { rows: [rows, aList], options: [options, objectWith("score")] });
  const { score, exhaustive = 200 } = options;
  checkArguments("find constant answers", { score: [score, aFunction] });
  if (rows.length === 0) {
    throw new RangeError("Cannot find constant answers: at least one row is needed, current count is 0");
  }
  const kinds = new Map<string, Map<string, number>>();
  for (const { kind, output } of rows) {
    const counts = kinds.get(kind) ?? new Map<string, number>();
    kinds.set(kind, counts.set(output, (counts.get(output) ?? 0) + 1));
  }
  return [...kinds].map(([kind, counts]) => {
    const answers = [...counts.keys()];
    const mean = (answer: string, references: string[]): number => {
      const [sum, weight] = references.reduce(
        ([sum, weight], other) => [sum + counts.get(other)! * score(answer, [other]), weight + counts.get(other)!],
        [0, 0],
      );
      return sum / weight;
    };
    const spread = evenly(answers, exhaustive);
    const candidates = answers.length <= exhaustive
      ? answers
      : ranked(answers, (answer) => mean(answer, spread)).slice(0, Math.ceil(exhaustive / 10)).map(({ answer }) =>
        answer
      );
    const [best] = ranked(candidates, (answer) => mean(answer, answers));
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return { kind, ...best, share: counts.get(best.answer)! / total };
  });
}

function evenly(items: string[], most: number): string[] {
  return items.length <= most
    ? items
    : Array.from({ length: most }, (_, i) => items[Math.floor(i * items.length / most)]);
}

function ranked(answers: string[], score: (answer: string) => number): { answer: string; score: number }[] {
  return answers.map((answer) => ({ answer, score: score(answer) })).sort((a, b) => b.score - a.score);
}
