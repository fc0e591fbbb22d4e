/**
 * Text: tokenizers and prompts.
 *
 * @module
 */
export { alpacaPrompt, type Instruction } from "./alpaca_prompt.ts";
export {
  type ChatMessage,
  type ChatTemplate,
  chatTemplate,
  type ChatTemplateOptions,
  type RenderOptions,
} from "./chat_template.ts";
export { checkTokenizers } from "./check_tokenizers.ts";
export { type PromptStyle, renderPrompt, type RenderPromptOptions } from "./render_prompt.ts";
export {
  loadTokenizer,
  type LoadTokenizerOptions,
  type Tokenizer,
  tokenizerOf,
  type TokenizerOfOptions,
} from "./tokenizer.ts";
export type { TokenizerTexts } from "./tokenizer_files.ts";
export { type BpeVocabulary, trainBpe, type TrainBpeOptions } from "./train_bpe.ts";
