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
export type { Row } from "./lib/datasets/row.ts";
export { rowFromText, type RowFromTextOptions, type TextRow } from "./lib/datasets/row_from_text.ts";
export { readWordNet, type Synset, type WordNet, wordNetFolder } from "./lib/datasets/wordnet.ts";
export type { PartOfSpeech } from "./lib/datasets/wordnet_fields.ts";
export type { WordNetKind } from "./lib/datasets/wordnet_kinds.ts";
export { WORDNET_KINDS, type WordNetRow, wordNetRows, type WordNetRowsOptions } from "./lib/datasets/wordnet_rows.ts";
export type { Split } from "./lib/datasets/wordnet_split.ts";
export type { LogitPair, Objective, ValueAndGradient } from "./lib/objectives/objective.ts";
export { alpacaPrompt, type Instruction } from "./lib/text/alpaca_prompt.ts";
export { loadTokenizer, type Tokenizer } from "./lib/text/tokenizer.ts";
export { type BpeVocabulary, trainBpe, type TrainBpeOptions } from "./lib/text/train_bpe.ts";
