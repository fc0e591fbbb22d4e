/**
 * A tokenizer's chat template, in Jinja: the form of prompts that a chat model was trained with.
 *
 * @module
 */
import {
  aDate,
  anObject,
  aText,
  checkArguments,
  checkList,
  objectWith,
  optional,
} from "../arguments/check_arguments.ts";
import { chatVariables } from "./chat_variables.ts";
import { compile, type CompiledTemplate } from "./jinja/template.ts";
import type { ChatMessage, RenderOptions } from "./chat_message.ts";

/** A tokenizer's chat template. */
export interface ChatTemplate {
  /**
   * Renders a conversation, byte for byte as transformers does.
   *
   * @throws {Error} If the template refuses it (some do not support a system message, for instance), if it uses an
   * unsupported feature, which the message names, or if it exceeds a limit of `jinja/limits.ts`.
   * @throws {TypeError} If a message, a tool, a document or a variable is not JSON data.
   */
  render(messages: readonly ChatMessage[], options?: RenderOptions): string;
}

/** Options for {@linkcode chatTemplate}. */
export interface ChatTemplateOptions {
  /** The template's source, for messages. */
  name: string;
  /** Variables that it may use: `bos_token`, `eos_token` and so on, by name. */
  tokens: Readonly<Record<string, string>>;
  /**
   * The time that `strftime_now` formats. Without it the function is not defined, and prompts are the same on every
   * day.
   *
   * @default {none}
   */
  now?: Date;
  /**
   * The source of the template that replaces this one if tools are given.
   *
   * @default {the same}
   */
  toolUse?: string;
}

/**
 * Reads a template.
 *
 * @param source Its text.
 * @param options Its name, the special tokens, the time.
 * @returns The template.
 * @throws {SyntaxError} If it is not valid Jinja; the message names it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chatTemplate } from "@amid/amid/text";
 *
 * const source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}";
 * const { render } = chatTemplate(source, { name: "birds", tokens: { eos_token: "</s>" } });
 * assert(render([{ role: "user", content: "A wader?" }]) === "<user>A wader?</s>");
 * ```
 */
export function chatTemplate(source: string, options: ChatTemplateOptions): ChatTemplate {
  checkArguments("read a chat template", { source: [source, aText], options: [options, objectWith("name", "tokens")] });
  const { name, tokens, now, toolUse } = options;
  checkArguments("read a chat template", {
    name: [name, aText],
    tokens: [tokens, anObject],
    now: [now, optional(aDate)],
  });
  const read = (source: string): CompiledTemplate => {
    try {
      return compile(source);
    } catch (cause) {
      throw new SyntaxError(`Cannot read the chat template of ${name}: ${described(cause)}`, { cause });
    }
  };
  const template = read(source);
  const toolTemplate = toolUse === undefined ? template : read(toolUse);
  return {
    render: (messages, options = {}) => {
      checkList(`render the chat template of ${name}`, { messages }, aMessage);
      checkArguments(`render the chat template of ${name}`, { now: [options.now, optional(aDate)] });
      const variables = chatVariables(messages, { ...options, tokens });
      const run = options.tools ? toolTemplate : template;
      try {
        return run(variables, { now: options.now ?? now });
      } catch (cause) {
        throw new Error(`Cannot render the chat template of ${name}: ${described(cause)}`, { cause });
      }
    },
  };
}

const aMessage = { ...anObject, what: "a message, an object with role and content" };

/** What went wrong, and on which line of the template. */
function described(error: unknown): string {
  const { message, line } = error as Error & { line?: number };
  const hint = message === "'strftime_now' is undefined" ? ": no time is given, see the option `now`" : "";
  return `${message}${hint}${line === undefined ? "" : ` (line ${line})`}`;
}
