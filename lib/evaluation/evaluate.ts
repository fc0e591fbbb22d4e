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
import { answerText, endTokensOf, isEnded } from "../models/generation/end_tokens.ts";
import { generate, type GenerateOptions } from "../models/generation/generate.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { fitPrompt, type LongPrompt } from "../text/fit_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { writtenLengths } from "./answer_lengths.ts";
import { exactMatch } from "./exact_match.ts";
import { rougeL } from "./rouge_l.ts";

/** A held-out instruction. */
export interface EvaluationRow {
  /** The whole prompt. */
  prompt: string;
  /** The accepted answers, at least one. */
  outputs: string[];
  /** The kind of question, for scores by kind. */
  kind?: string;
}

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
  const { tokenizer, temperature = 0, longPrompts, ...generation } = options;
  const ends = endTokensOf({ model, tokenizer });
  const { stopTokens = ends } = options;
  if (rows.length === 0) throw new RangeError("Cannot evaluate: there must be a row, got none");
  checkTokenizer(tokenizer, model);
  const { maxPromptLength, maxNewTokens } = writtenLengths({ ...options, contextLength: model.config.contextLength });
  const prompts = rows.map(({ prompt }) =>
    fitPrompt(tokenizer, prompt, { maxLength: maxPromptLength, longPrompts }).ids
  );
  const written = await generate(model, prompts, { ...generation, stopTokens, maxNewTokens, temperature });
  const endTokens = [...ends, ...stopTokens];
  const answers = written.map((tokens) => answerText(tokens, { tokenizer, endTokens }));
  const unfinished = written.filter((tokens) => !isEnded(tokens, stopTokens)).length;
  return { ...scoreAnswers(rows, answers), answers, unfinished };
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
      `Cannot score answers: there must be one to each of ${rows.length} rows, current number is ${answers.length}`,
    );
  }
  const scored = rows.map(({ kind = "", outputs }, index) => ({
    kind,
    rougeL: 100 * rougeL(answers[index], outputs),
    exactMatch: exactMatch(answers[index], outputs) ? 100 : 0,
  }));
  const kinds = Map.groupBy(scored, ({ kind }) => kind);
  return { ...mean(scored), kinds: Object.fromEntries([...kinds].map(([kind, scores]) => [kind, mean(scores)])) };
}

function mean(scores: readonly { rougeL: number; exactMatch: number }[]): Scores {
  const average = (of: "rougeL" | "exactMatch") => scores.reduce((sum, score) => sum + score[of], 0) / scores.length;
  return { rougeL: average("rougeL"), exactMatch: average("exactMatch"), count: scores.length };
}

/**
 * Checks that a model knows every token of a tokenizer.
 *
 * @throws {RangeError} If it does not; the message gives both sizes.
 */
export function checkTokenizer(tokenizer: Tokenizer, model: LanguageModel): void {
  const [tokens, known] = [tokenizer.vocabularySize, model.config.vocabularySize];
  if (tokens > known) {
    throw new RangeError(`Cannot use the tokenizer: it has ${tokens} tokens, the model knows ${known}`);
  }
}
