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
function messageFrom(message: ChatMessage): Map<string, unknown> {
  const entries: [string, unknown][] = message instanceof Map ? [...message] : Object.entries(message);
  const given = new Map(entries.filter(([, value]) => value !== undefined && value !== null));
  const name = REASONING.find((name) => given.has(name));
  if (name === undefined) return given;
  return new Map([["thinking", given.get(name)], ...given, ["reasoning_content", given.get(name)]]);
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
