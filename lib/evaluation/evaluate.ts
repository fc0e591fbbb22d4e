/**
 * A model's score on held-out instructions.
 *
 * @module
 */
import {
  aModel,
  anEvaluationRow,
  aText,
  aTokenizer,
  checkArguments,
  checkList,
  objectWith,
} from "../arguments/check_arguments.ts";
import type { GenerateOptions } from "../models/generation/generate.ts";
import { promptSeeds } from "../models/generation/generation_seeds.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { LongPrompt } from "../text/fit_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { writtenLengths } from "./answer_lengths.ts";
import { answerScores, askRows, type EvaluationRow } from "./ask_rows.ts";

export type { EvaluationRow } from "./ask_rows.ts";

/** Scores of some answers. */
export interface Scores {
  /** Mean ROUGE-L F, in points of 100, best over the accepted answers. */
  rougeL: number;
  /** Share of exact matches, in points of 100. */
  exactMatch: number;
  /** How many answers there are. */
  count: number;
}

/** What {@linkcode evaluate} finds. */
export interface Evaluation extends Scores {
  /** Scores by kind of question, in the order in which kinds first occur. */
  kinds: Record<string, Scores>;
  /** The model's answer to each row, without the tokens that end it. */
  answers: string[];
  /** Answers that reached the longest length without an end. */
  unfinished: number;
}

/** Options for {@linkcode evaluate}. */
export interface EvaluateOptions extends Partial<GenerateOptions> {
  /** The model's tokenizer. */
  tokenizer: Tokenizer;
  /**
   * Tokens that a prompt may have; the text of a longer one is cut within its template, see `fitPrompt`.
   *
   * @default {256, at most what the answer leaves of the model's context}
   */
  maxPromptLength?: number;
  /**
   * How a longer prompt is handled: `"first"` keeps its first tokens.
   *
   * @default {"cut"}
   */
  longPrompts?: LongPrompt;
}

/**
 * Lets a model answer, and scores the answers.
 *
 * @param model The model.
 * @param rows The instructions.
 * @param options The tokenizer, and how to generate; by default greedily and at most 32 tokens, or half of the model's
 * context.
 * @throws {RangeError} If there is no row, the tokenizer has tokens the model lacks, or lengths exceed the context.
 *
 * @example The built-in teacher's answer
 * ```ts
 * import { evaluate, loadModel, loadTokenizer, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/teacher");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const rows = [{ prompt: "What kind of thing is a heron?\n", outputs: ["animal"] }];
 * const { rougeL, exactMatch, answers } = await evaluate(model, rows, { tokenizer });
 * console.log(rougeL, exactMatch, answers[0]);
 * ```
 */
export async function evaluate(
  model: LanguageModel,
  rows: readonly EvaluationRow[],
  options: EvaluateOptions,
): Promise<Evaluation> {
  checkArguments("evaluate", { model: [model, aModel], options: [options, objectWith("tokenizer")] });
  checkArguments("evaluate", { tokenizer: [options.tokenizer, aTokenizer] });
  checkList("evaluate", { rows }, anEvaluationRow);
  if (rows.length === 0) throw new RangeError("Cannot evaluate: at least one row is needed, current count is 0");
  const { temperature = 0, seed = 0, seeds, maxPromptLength: _, maxNewTokens: __, ...asking } = options;
  const lengths = writtenLengths({ ...options, contextLength: model.config.contextLength });
  const seedsOf = (prompts: readonly (readonly number[])[]) => promptSeeds(prompts, { seed, seeds });
  const batches = await Array.fromAsync(askRows(model, rows, { ...asking, ...lengths, temperature, seedsOf }));
  const answers = batches.flat().sort((a, b) => a.row - b.row);
  const unfinished = answers.filter(({ ended }) => !ended).length;
  return { ...meanScores(rows, answers), answers: answers.map(({ answer }) => answer), unfinished };
}

/**
 * Scores answers, together and by kind.
 *
 * @param rows The instructions.
 * @param answers An answer to each.
 */
export function scoreAnswers(
  rows: readonly EvaluationRow[],
  answers: readonly string[],
): Scores & { kinds: Record<string, Scores> } {
  checkList("score answers", { rows }, anEvaluationRow);
  checkList("score answers", { answers }, aText);
  if (answers.length !== rows.length) {
    throw new RangeError(
      `Cannot score answers: one for each of ${rows.length} rows is needed, current count is ${answers.length}`,
    );
  }
  return meanScores(rows, rows.map(({ outputs }, index) => answerScores(answers[index], outputs)));
}

type AnswerScores = ReturnType<typeof answerScores>;

/** The means of scores of each row, together and by kind. */
function meanScores(
  rows: readonly EvaluationRow[],
  scores: readonly AnswerScores[],
): Scores & { kinds: Record<string, Scores> } {
  const kinds = Map.groupBy(scores.keys(), (index) => rows[index].kind ?? "");
  const ofKind = [...kinds].map(([kind, indices]) => [kind, mean(indices.map((index) => scores[index]))]);
  return { ...mean(scores), kinds: Object.fromEntries(ofKind) };
}

function mean(scores: readonly AnswerScores[]): Scores {
  const average = (of: "rougeL" | "exactMatch") => scores.reduce((sum, score) => sum + score[of], 0) / scores.length;
  return { rougeL: average("rougeL"), exactMatch: average("exactMatch"), count: scores.length };
}
