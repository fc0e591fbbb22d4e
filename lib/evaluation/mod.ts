/**
 * Evaluation: answers and losses on held-out rows.
 *
 * @module
 */
export { type Answer, type AnswerOptions, answerRows, countCutPrompts } from "./answer_rows.ts";
export {
  type AnswerLengthNames,
  type AnswerLengths,
  answerLengths,
  type AnswerLengthsOptions,
  type WrittenLengths,
  writtenLengths,
} from "./answer_lengths.ts";
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationRow,
  scoreAnswers,
  type Scores,
} from "./evaluate.ts";
export { type ComparedModel, compareOnSets, type CompareOnSetsOptions } from "./compare_on_sets.ts";
export type { ComparedSet, SetTemplate } from "./compared_sets.ts";
export {
  type EvaluationSet,
  type PromptTemplate,
  readEvaluationSet,
  type ReadEvaluationSetOptions,
} from "./evaluation_set.ts";
export { exactMatch } from "./exact_match.ts";
export { scoresAsCsv, scoresAsHtml, scoresAsMarkdown } from "./format_score_table.ts";
export { porterStem } from "./porter_stemmer.ts";
export { rougeL } from "./rouge_l.ts";
export {
  type Metric,
  type ScoreCell,
  type ScoreLine,
  type ScoreTable,
  scoreTable,
  type SeedScore,
} from "./score_table.ts";
export { validationLoss, type ValidationLossOptions } from "../training/run/validation_loss.ts";
export {
  type ComparedRun,
  type ComparedScores,
  type MeanAndDeviation,
  type SettingSummary,
  summarizeRuns,
} from "./summarize_runs.ts";
export { heldOutGap, type HeldOutGapOptions } from "./held_out_gap.ts";
export {
  pairedBootstrap,
  type PairedBootstrapOptions,
  type PairedDifference,
  type SetScores,
} from "./paired_bootstrap.ts";
export { repetition, type RepetitionOptions } from "./repetition.ts";
