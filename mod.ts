/**
 * Amid: distilling language models through α-mixture assistants.
 *
 * @module
 */
export {
  type EngineInfo,
  type EngineName,
  type EngineOptions,
  EngineUnavailableError,
  type PassedOver,
  type Precision,
  useEngine,
} from "./lib/engines/mod.ts";
export {
  type Batch,
  batches,
  type BatchesOptions,
  batchOrder,
  type BatchOrderOptions,
  type Cursor,
} from "./lib/datasets/batches.ts";
export { type ConstantAnswer, constantAnswers, type ConstantAnswersOptions } from "./lib/datasets/constant_answers.ts";
export { type InstructionRow, parseInstructions, readInstructions } from "./lib/datasets/instruction_file.ts";
export type { Row } from "./lib/datasets/row.ts";
export { rowFromText, type RowFromTextOptions, type TextRow } from "./lib/datasets/row_from_text.ts";
export { readWordNet, type Synset, type WordNet, wordNetFolder } from "./lib/datasets/wordnet.ts";
export type { PartOfSpeech } from "./lib/datasets/wordnet_fields.ts";
export type { WordNetKind } from "./lib/datasets/wordnet_kinds.ts";
export { WORDNET_KINDS, type WordNetRow, wordNetRows, type WordNetRowsOptions } from "./lib/datasets/wordnet_rows.ts";
export type { Split } from "./lib/datasets/wordnet_split.ts";
export { alpacaPrompt, type Instruction } from "./lib/text/alpaca_prompt.ts";
export { loadTokenizer, type Tokenizer } from "./lib/text/tokenizer.ts";
export { type BpeVocabulary, trainBpe, type TrainBpeOptions } from "./lib/text/train_bpe.ts";
export { exactMatch } from "./lib/evaluation/exact_match.ts";
export { porterStem } from "./lib/evaluation/porter_stemmer.ts";
export { rougeL } from "./lib/evaluation/rouge_l.ts";
export { type FileContent, writeAtomically } from "./lib/files/atomic_write.ts";
export { escapeHtml } from "./lib/figures/html.ts";
export { kindScoresFigure } from "./lib/figures/kind_scores.ts";
export {
  type LossPoint,
  trainingLossFigure,
  type TrainingLossFigureOptions,
  validationLossFigure,
  type ValidationLossFigureOptions,
} from "./lib/figures/loss_curves.ts";
export { type ReportFigure, reportPage, type ReportPageOptions } from "./lib/figures/report_page.ts";
export type { ReportExample } from "./lib/figures/report_sections.ts";
export {
  type AnswerScores,
  type ConstantScores,
  type KindScores,
  type ModelScores,
  type RunGains,
  runGains,
  type RunResult,
} from "./lib/figures/run_result.ts";
export type { Axis, BarTrace, PlotSpecification, ScatterTrace } from "./lib/figures/specification.ts";
export * from "./lib/assistants/mod.ts";
export * from "./lib/divergences/mod.ts";
export * from "./lib/objectives/mod.ts";
