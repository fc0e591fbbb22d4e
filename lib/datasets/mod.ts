/**
 * Data: rows, batches, the built-in corpus, instruction files.
 *
 * @module
 */
export {
  type Batch,
  batches,
  type BatchesOptions,
  batchOrder,
  type BatchOrderOptions,
  type Cursor,
} from "./batches.ts";
export { type ConstantAnswer, constantAnswers, type ConstantAnswersOptions } from "./constant_answers.ts";
export { type CorpusOptions, corpusRows, type CorpusText, loadCorpus, type SplitCounts } from "./corpus.ts";
export { type InstructionRow, parseInstructions, readInstructions } from "./instruction_file.ts";
export { respond, type RespondOptions } from "./respond.ts";
export type { Row } from "./row.ts";
export { rowFromText, type RowFromTextOptions, type TextRow } from "./row_from_text.ts";
export { readTextRows, textRows, type TextRowsOptions } from "./text_rows.ts";
export { readWordNet, type Synset, type WordNet, wordNetFolder } from "./wordnet.ts";
export type { PartOfSpeech } from "./wordnet_fields.ts";
export type { WordNetKind } from "./wordnet_kinds.ts";
export { WORDNET_KINDS, type WordNetRow, wordNetRows, type WordNetRowsOptions } from "./wordnet_rows.ts";
export type { Split } from "./wordnet_split.ts";
