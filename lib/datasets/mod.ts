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
} from "../batches/batches.ts";
export type { FileSplit } from "./corpus_files.ts";
export { type ConstantAnswer, constantAnswers, type ConstantAnswersOptions } from "./constant_answers.ts";
export { hashText, type RandomStream, randomStream } from "../random/random.ts";
export {
  type CorpusOptions,
  corpusRows,
  type CorpusRowsOptions,
  loadCorpus,
  renderTexts,
  type RenderTextsOptions,
  type SplitCounts,
} from "./corpus.ts";
export type { CorpusText } from "./corpus_text.ts";
export { parseInstructions, readInstructions } from "./instruction_file.ts";
export type { InstructionFields, InstructionRow } from "./instruction_row.ts";
export type { PreparedManifest, Recipe, SplitName, SplitSummary } from "./prepare/manifest.ts";
export { type Prepared, prepareData } from "./prepare/prepare_data.ts";
export type { InstructionPlan, PrepareDataOptions, TextPlan } from "./prepare/prepare_options.ts";
export type { SplitOptions } from "./prepare/split_rows.ts";
export type { NamedTokenizerTexts } from "./prepare/tokenize_pool.ts";
export type { RowCounts } from "./prepare/tokenize_rows.ts";
export type { LengthRules, MadeRow } from "./make_row.ts";
export type { FileHash } from "../files/file_hash.ts";
export type { LockHolder } from "../files/file_lock.ts";
export type { Row } from "../batches/row.ts";
export { type ReadyCounts, type ReadyRows, readyRows, type ReadyRowsOptions } from "./ready_rows.ts";
export { rowFromText, type RowFromTextOptions, type TextRow } from "./row_from_text.ts";
export { readTextRows, textRows, type TextRowsOptions } from "./text_rows.ts";
export { encodeTokenStore, type PackedRows } from "./encode_token_store.ts";
export { openTokenStore, type TokenStore } from "./token_store.ts";
export { readWordNet, type Synset, type WordNet, wordNetFolder } from "./wordnet.ts";
export type { PartOfSpeech } from "./wordnet_fields.ts";
export type { WordNetKind } from "./wordnet_kinds.ts";
export { WORDNET_KINDS, type WordNetRow, wordNetRows, type WordNetRowsOptions } from "./wordnet_rows.ts";
export type { Split } from "./wordnet_split.ts";
export { type RowText, type SharedText, sharedText, type SharedTextOptions } from "./shared_text.ts";
