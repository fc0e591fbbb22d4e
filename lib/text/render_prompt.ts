/**
 * Prompts in the form that a model knows.
 *
 * @module
 */
import { alpacaPrompt, type Instruction } from "./alpaca_prompt.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** The forms: the tokenizer's chat template, the Alpaca prompt, or the first of them that there is. */
export type PromptStyle = "auto" | "chat" | "alpaca";

/** Options for {@linkcode renderPrompt}. */
export interface RenderPromptOptions {
  /** The model's tokenizer. */
  tokenizer: Tokenizer;
  /**
   * The form.
   *
   * @default {"auto"}
   */
  style?: PromptStyle;
}

/**
 * Renders an instruction as a prompt: by the tokenizer's chat template, as one message of the user with instruction and
 * input a blank line apart, or as an Alpaca prompt.
 *
 * @param task The instruction, and its input if it has one. A `prompt` of its own stands for the Alpaca one.
 * @param options The tokenizer and the form; where nothing is said, the chat template if there is one.
 * @returns The prompt.
 * @throws {TypeError} If a chat template is asked for and there is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer, renderPrompt } from "@amid/amid";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * assert(renderPrompt({ instruction: "Name a bird." }, { tokenizer }).endsWith("### Response:\n"));
 * ```
 */
export function renderPrompt(task: Instruction & { prompt?: string }, options: RenderPromptOptions): string {
  const { tokenizer: { chatTemplate }, style = "auto" } = options;
  if (style === "alpaca" || (style === "auto" && !chatTemplate)) return task.prompt ?? alpacaPrompt(task);
  if (!chatTemplate) {
    throw new TypeError("Cannot render a prompt: the tokenizer must have a chat template, it has none");
  }
  const content = [task.instruction, task.input ?? ""].filter((part) => part !== "").join("\n\n");
  return chatTemplate.render([{ role: "user", content }]);
}
