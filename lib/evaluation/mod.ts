/**
 * Evaluation: answers and losses on held-out rows.
 *
 * @module
 */
export {
  evaluate,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationRow,
  scoreAnswers,
  type Scores,
} from "./evaluate.ts";
export { exactMatch } from "./exact_match.ts";
export { porterStem } from "./porter_stemmer.ts";
export { rougeL } from "./rouge_l.ts";
export { validationLoss, type ValidationLossOptions } from "./validation_loss.ts";
export {
  type ComparedRun,
  type ComparedScores,
  type MeanAndDeviation,
  type SettingSummary,
  summarizeRuns,
} from "./summarize_runs.ts";
