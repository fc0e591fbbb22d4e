/**
 * The scores of a model in results and reports: its loss on some held-out rows, and its answers to others.
 *
 * @module
 */
import { aModel, anEvaluationRow, checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import type { Row } from "../batches/row.ts";
import { constantAnswers } from "../datasets/constant_answers.ts";
import type { Communicator } from "../distributed/communicator.ts";
import { evaluate, type EvaluateOptions, type EvaluationRow, scoreAnswers } from "../evaluation/evaluate.ts";
import { rougeL } from "../evaluation/rouge_l.ts";
import type { ConstantScores, ModelScores } from "../figures/run_result.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { validationLoss } from "../training/run/validation_loss.ts";

/** How held-out texts are prompted and answered: lengths, and sampling if answers are sampled. */
export type Asking = Omit<EvaluateOptions, "tokenizer" | "communicator">;

/** A held-out text that is answered. */
export interface HeldOutText extends EvaluationRow {
  /** What is asked, without the template around it, where the two differ: what reports show. */
  question?: string;
}

/** Held-out rows and texts. */
export interface HeldOut {
  /** The rows of the loss. */
  valid: readonly Row[];
  /** What is answered. */
  test: readonly HeldOutText[];
  /**
   * How they are answered.
   *
   * @default {as evaluate() does, greedily}
   */
  asking?: Asking;
}

/** A model's scores, and its answers to the test texts. */
export interface ScoresAndAnswers {
  /** The loss and the scores. */
  scores: ModelScores;
  /** An answer to each text. */
  answers: string[];
}

/** Options for {@linkcode scoreModel}. */
export interface ScoreModelOptions {
  /** The model's tokenizer. */
  tokenizer: Tokenizer;
  /**
   * The ranks that share the work.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
}

/**
 * Computes a model's loss on the valid rows, and scores its answers to the test texts.
 *
 * @param model The model.
 * @param heldOut The rows and texts.
 * @param options The tokenizer, and who shares the work.
 * @returns Scores as a run's `result.json` has them, and the answers.
 * @throws {RangeError} If there is no row or no text, or lengths exceed the model's context.
 *
 * @example The built-in teacher
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, rowFromText, useEngine } from "@amid/amid";
 * import { scoreModel } from "@amid/amid/runs";
 *
 * await useEngine("wasm");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const prompt = "What kind of thing is a heron?\n";
 * const valid = [rowFromText(tokenizer, { prompt, response: "animal" })];
 * const test = [{ prompt, outputs: ["animal"] }];
 * const { scores } = await scoreModel(await loadModel("data/teacher"), { valid, test }, { tokenizer });
 * assert(scores.validLoss > 0 && scores.answered === 1);
 * ```
 */
export async function scoreModel(
  model: LanguageModel,
  heldOut: HeldOut,
  options: ScoreModelOptions,
): Promise<ScoresAndAnswers> {
  checkArguments("score a model", {
    model: [model, aModel],
    heldOut: [heldOut, objectWith("valid", "test", "asking")],
    options: [options, objectWith("tokenizer")],
  });
  const { tokenizer, communicator } = options;
  const validLoss = await validationLoss(model, heldOut.valid, { communicator });
  const { answers, rougeL, exactMatch, kinds, unfinished } = await evaluate(model, heldOut.test, {
    ...heldOut.asking,
    tokenizer,
    communicator,
  });
  return { scores: { validLoss, rougeL, exactMatch, kinds, unfinished, answered: answers.length }, answers };
}

/**
 * Scores the best constant answer to each kind of question.
 *
 * @param test The texts.
 */
export function constantScores(test: readonly EvaluationRow[]): ConstantScores {
  checkList("score constant answers", { test }, anEvaluationRow);
  const rows = test.map(({ kind = "", outputs: [output] }) => ({ kind, output }));
  const best = new Map(constantAnswers(rows, { score: rougeL }).map(({ kind, answer }) => [kind, answer]));
  const { rougeL: mean, exactMatch, kinds } = scoreAnswers(test, test.map(({ kind = "" }) => best.get(kind)!));
  return { rougeL: mean, exactMatch, kinds };
}
