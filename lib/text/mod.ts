/**
 * Text: tokenizers and prompts.
 *
 * @module
 */
export { alpacaPrompt, type Instruction } from "./alpaca_prompt.ts";
export { loadTokenizer, type LoadTokenizerOptions, type Tokenizer } from "./tokenizer.ts";
export { type BpeVocabulary, trainBpe, type TrainBpeOptions } from "./train_bpe.ts";
