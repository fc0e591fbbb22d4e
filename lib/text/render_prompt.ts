/**
 * Renders prompts in the form that a model was trained with.
 *
 * @module
 */
import { anObject, checkArguments, objectWith, oneOf, optional } from "../arguments/check_arguments.ts";
import { alpacaPrompt, type Instruction } from "./alpaca_prompt.ts";
import type { Tokenizer } from "./tokenizer_interface.ts";

/** The forms: the tokenizer's chat template, the Alpaca prompt, or the first of these that is available. */
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

/** The parts of a prompt: an instruction, and further fields of a file. */
export interface PromptTask extends Instruction {
  /** The file's prompt; it replaces the Alpaca one. */
  prompt?: string;
  /** The text of the system message. */
  system?: string;
  /** `prompt` if the prompt is used verbatim, even if there is a template; see `InstructionRow`. */
  form?: "chat" | "prompt" | "text";
}

/**
 * Whether a task is rendered by the tokenizer's chat template.
 *
 * @param task The task.
 * @param options The tokenizer and the form.
 */
export function isChat({ form }: PromptTask, { tokenizer, style = "auto" }: RenderPromptOptions): boolean {
  if (style === "chat") return form !== "text";
  return style === "auto" && tokenizer.chatTemplate !== undefined && form !== "prompt" && form !== "text";
}

/**
 * Renders an instruction as a prompt: by the tokenizer's chat template, as one user message with instruction and input
 * separated by a blank line, or as an Alpaca prompt.
 *
 * @param task The instruction, its input and the system message if it has them. Its `prompt` replaces the Alpaca one,
 * or any if its form is `prompt`.
 * @param options The tokenizer and the form; by default the chat template if the tokenizer has one.
 * @returns The prompt.
 * @throws {TypeError} If a chat template is requested and the tokenizer has none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer } from "@amid/amid";
 * import { renderPrompt } from "@amid/amid/text";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * assert(renderPrompt({ instruction: "Name a bird." }, { tokenizer }).endsWith("### Response:\n"));
 * ```
 */
export function renderPrompt(task: PromptTask, options: RenderPromptOptions): string {
  checkArguments("render a prompt", { task: [task, anObject], options: [options, objectWith("tokenizer")] });
  const { tokenizer, style } = options;
  checkArguments("render a prompt", {
    tokenizer: [tokenizer, anObject],
    style: [style, optional(oneOf("auto", "chat", "alpaca"))],
  });
  const { chatTemplate } = tokenizer;
  if (!isChat(task, options)) return task.prompt ?? alpacaPrompt(task);
  if (!chatTemplate) {
    throw new TypeError("Cannot render a prompt: the tokenizer must have a chat template, it has none");
  }
  const content = [task.instruction, task.input ?? ""].filter((part) => part !== "").join("\n\n");
  const system = task.system === undefined ? [] : [{ role: "system" as const, content: task.system }];
  try {
    return chatTemplate.render([...system, { role: "user", content }]);
  } catch (error) {
    if (task.system === undefined) throw error;
    // Templates without a system message get it at the start of the first message.
    return chatTemplate.render([{ role: "user", content: `${task.system}\n\n${content}` }]);
  }
}
