/**
 * The form of prompts that a chat model was trained with, as its tokenizer brings it: a template in Jinja.
 *
 * @module
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";

/** A message of a conversation. */
export interface ChatMessage {
  /** Who speaks. */
  role: "system" | "user" | "assistant";
  /** What is said. */
  content: string;
}

/** Options for {@linkcode ChatTemplate.render}. */
export interface RenderOptions {
  /**
   * Whether the prompt ends where the assistant is to speak.
   *
   * @default {true}
   */
  addGenerationPrompt?: boolean;
  /**
   * Values of the template's other variables, such as `enable_thinking` or `date_string`.
   *
   * @default {none}
   */
  variables?: Readonly<Record<string, unknown>>;
}

/** A tokenizer's chat template. */
export interface ChatTemplate {
  /**
   * Renders a conversation.
   *
   * @throws {Error} If the template refuses it; some know no system's message, for instance.
   */
  render(messages: readonly ChatMessage[], options?: RenderOptions): string;
}

/** Options for {@linkcode chatTemplate}. */
export interface ChatTemplateOptions {
  /** Where the template comes from, for messages. */
  name: string;
  /** Variables that it may use: `bos_token`, `eos_token` and the like, by name. */
  tokens: Readonly<Record<string, string>>;
}

/** What every template may use. There is no clock: a prompt is the same on every day. */
const GLOBALS: Readonly<Record<string, unknown>> = {
  ...{ true: true, false: false, none: null, True: true, False: false, None: null },
  range: (first: number, end?: number, step: number = 1) => {
    const [from, to] = end === undefined ? [0, first] : [first, end];
    return Array.from({ length: Math.max(0, Math.ceil((to - from) / step)) }, (_, index) => from + index * step);
  },
  raise_exception: (message: unknown): never => {
    throw new Error(String(message));
  },
};

/**
 * Reads a template.
 *
 * @param source Its text.
 * @param options Its name and the special tokens.
 * @returns The template.
 * @throws {SyntaxError} If it is no Jinja; the message names it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chatTemplate } from "@amid/amid";
 *
 * const source = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{{ eos_token }}{% endfor %}";
 * const { render } = chatTemplate(source, { name: "birds", tokens: { eos_token: "</s>" } });
 * assert(render([{ role: "user", content: "A wader?" }]) === "<user>A wader?</s>");
 * ```
 */
export function chatTemplate(source: string, { name, tokens }: ChatTemplateOptions): ChatTemplate {
  let program: ReturnType<typeof parse>;
  try {
    program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  } catch (cause) {
    throw new SyntaxError(`Cannot read the chat template of ${name}: ${(cause as Error).message}`, { cause });
  }
  return {
    render: (messages, { addGenerationPrompt = true, variables = {} } = {}) => {
      const given = {
        messages: messages.map((message) => ({ ...message })),
        add_generation_prompt: addGenerationPrompt,
      };
      try {
        const environment = new Environment();
        for (const [variable, value] of Object.entries({ ...GLOBALS, ...tokens, ...given, ...variables })) {
          environment.set(variable, value);
        }
        return String((new Interpreter(environment).run(program) as { value: unknown }).value);
      } catch (cause) {
        throw new Error(`Cannot render the chat template of ${name}: ${(cause as Error).message}`, { cause });
      }
    },
  };
}
