/**
 * Text: tokenizers and prompts.
 *
 * @module
 */
export { alpacaPrompt, type Instruction } from "./alpaca_prompt.ts";
export { type ChatTemplate, chatTemplate, type ChatTemplateOptions } from "./chat_template.ts";
export type { ChatMessage, RenderOptions } from "./chat_message.ts";
export { checkTokenizers } from "./check_tokenizers.ts";
export { fitPrompt, type FitPromptOptions, type FittedPrompt, type LongPrompt } from "./fit_prompt.ts";
export { type PromptStyle, type PromptTask, renderPrompt, type RenderPromptOptions } from "./render_prompt.ts";
export { parseTemplateData, type ParseTemplateDataOptions } from "./template_data.ts";
export { loadTokenizer, type LoadTokenizerOptions, tokenizerOf, type TokenizerOfOptions } from "./tokenizer.ts";
export type { Tokenizer } from "./tokenizer_interface.ts";
export type { TokenizerTexts } from "./tokenizer_files.ts";
export { withoutSpecialTokens } from "./without_special_tokens.ts";
export { type BpeVocabulary, trainBpe, type TrainBpeOptions } from "./train_bpe.ts";
