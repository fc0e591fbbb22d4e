/**
 * What reports say of a model.
 *
 * @module
 */
import { constantAnswers } from "../../lib/datasets/constant_answers.ts";
import type { CorpusText } from "../../lib/datasets/corpus.ts";
import type { Row } from "../../lib/batches/row.ts";
import type { Communicator } from "../../lib/distributed/communicator.ts";
import { evaluate, scoreAnswers } from "../../lib/evaluation/evaluate.ts";
import { rougeL } from "../../lib/evaluation/rouge_l.ts";
import { validationLoss } from "../../lib/training/run/validation_loss.ts";
import type { ConstantScores, ModelScores } from "../../lib/figures/run_result.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import type { Tokenizer } from "../../lib/text/tokenizer.ts";
import type { Asking } from "./ready_corpus.ts";

/** Held-out texts. */
export interface HeldOut {
  /** What the loss is taken on. */
  valid: readonly Row[];
  /** What is answered. */
  test: readonly CorpusText[];
  /** How longer prompts are cut. */
  asking: Asking;
}

/** A model's scores, and its answers to the test texts. */
export interface ScoresAndAnswers {
  scores: ModelScores;
  answers: string[];
}

/** Takes the loss on the valid texts, and scores greedy answers to the test texts; several ranks share the work. */
export async function scoresOf(
  model: LanguageModel,
  heldOut: HeldOut,
  { tokenizer, communicator }: { tokenizer: Tokenizer; communicator?: Communicator },
): Promise<ScoresAndAnswers> {
  const validLoss = await validationLoss(model, heldOut.valid, { communicator });
  const { answers, rougeL, exactMatch, kinds, unfinished } = await evaluate(model, heldOut.test, {
    ...heldOut.asking,
    tokenizer,
    communicator,
  });
  return { scores: { validLoss, rougeL, exactMatch, kinds, unfinished, answered: answers.length }, answers };
}

/** Scores the best constant answer to each kind of question. */
export function constantScores(test: readonly CorpusText[]): ConstantScores {
  const rows = test.map(({ kind, outputs: [output] }) => ({ kind, output }));
  const best = new Map(constantAnswers(rows, { score: rougeL }).map(({ kind, answer }) => [kind, answer]));
  const { rougeL: mean, exactMatch, kinds } = scoreAnswers(test, test.map(({ kind }) => best.get(kind)!));
  return { rougeL: mean, exactMatch, kinds };
}
