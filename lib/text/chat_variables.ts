/**
 * The variables of a chat template, as in transformers.
 *
 * @module
 */
import type { ChatMessage, RenderOptions } from "./chat_message.ts";
import { valueFrom } from "./jinja/data.ts";
import type { Value } from "./jinja/value.ts";

/** The names of a message's reasoning field. */
const REASONING = ["reasoning_content", "thinking", "reasoning"];

/** Drops empty fields, and provides reasoning under the names that templates read. */
function messageFrom(message: ChatMessage): Record<string, unknown> {
  const given = Object.fromEntries(
    Object.entries(message).filter(([, value]) => value !== undefined && value !== null),
  );
  const name = REASONING.find((name) => Object.hasOwn(given, name));
  return name === undefined ? given : { thinking: given[name], ...given, reasoning_content: given[name] };
}

/** Options for {@linkcode chatVariables}. */
export interface ChatVariablesOptions extends Omit<RenderOptions, "now"> {
  /** The special tokens by name. */
  tokens: Readonly<Record<string, string>>;
}

/**
 * Makes the variables of a template: `messages`, `tools`, `documents`, `add_generation_prompt` and the special tokens;
 * others may override them.
 *
 * @param messages The conversation.
 * @param options The rest.
 * @returns The variables by name.
 * @throws {TypeError} If something is not JSON data.
 */
export function chatVariables(
  messages: readonly ChatMessage[],
  { tools, documents, addGenerationPrompt = true, tokens, variables = {} }: ChatVariablesOptions,
): Map<string, Value> {
  const given = {
    ...tokens,
    messages: messages.map(messageFrom),
    tools: tools ?? null,
    documents: documents ?? null,
    add_generation_prompt: addGenerationPrompt,
    ...variables,
  };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return new Map(known.map(([name, value]) => [name, valueFrom(value, name)]));
}
