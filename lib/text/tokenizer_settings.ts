/**
 * A tokenizer's settings: its special tokens by name, and its chat template.
 *
 * @module
 */
import { asObject, notAnError, parseJson } from "../files/parse_json.ts";
import { type ChatTemplate, chatTemplate } from "./chat_template.ts";

type Json = Record<string, unknown>;

/**
 * Parses a JSON object.
 *
 * @param text The text.
 * @param path Its source, for messages.
 * @returns The object.
 * @throws {Error} If the text is something else; the message names the path.
 */
export function parseObject(text: string, path: string): Json {
  try {
    return notAnError(asObject(parseJson(text, { name: path }), path), path);
  } catch (cause) {
    throw new SyntaxError((cause as Error).message.replace("Cannot read", "Cannot load the tokenizer:"), { cause });
  }
}

/**
 * Merges the settings with the older files for special tokens, as transformers 5 does: if the settings list the added
 * tokens, the older files are ignored; otherwise these take precedence.
 *
 * @param config The contents of `tokenizer_config.json`.
 * @param older The contents of `special_tokens_map.json`.
 * @returns The settings.
 */
export function mergeSettings(config: Json, older: Json): Json {
  return "added_tokens_decoder" in config ? config : { ...config, ...older };
}

/**
 * Finds the texts of the special tokens by name: `eos_token`, `bos_token` and the like, and those that a model has of
 * its own, which stand in `extra_special_tokens`.
 *
 * @param settings The settings.
 */
export function specialTokens(settings: Json): Record<string, string> {
  const tokens: Record<string, string> = {};
  const { extra_special_tokens: extra } = settings;
  const named = Object.entries(settings).filter(([name]) => name.endsWith("_token"));
  const own = typeof extra === "object" && extra !== null && !Array.isArray(extra) ? Object.entries(extra) : [];
  for (const [name, value] of [...named, ...own]) {
    const text = textOf(value);
    if (text !== undefined) tokens[name] = text;
  }
  return tokens;
}

/** A token is its text, or an object that contains it. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const content = typeof value === "object" && value !== null ? (value as { content?: unknown }).content : undefined;
  return typeof content === "string" ? content : undefined;
}

/** Options for {@linkcode findChatTemplate}. */
export interface FindChatTemplateOptions {
  /** The text of `chat_template.jinja`, if there is one. It takes precedence. */
  file?: string;
  /** Special tokens by name. */
  tokens: Readonly<Record<string, string>>;
  /** The tokenizer's source, for messages. */
  name: string;
  /** The time for chat templates that print one. */
  now?: Date;
}

/**
 * Finds a tokenizer's chat template: a separate file, or a string in its settings, or the one named "default" in a list
 * there; in a list, the one named "tool_use" replaces it if tools are given.
 *
 * @param config The contents of `tokenizer_config.json`.
 * @param options The file, tokens and a name.
 * @returns The template, or undefined if absent.
 * @throws {TypeError} If `chat_template` is of another kind.
 * @throws {SyntaxError} If the template is not valid Jinja.
 */
export function findChatTemplate(config: Json, options: FindChatTemplateOptions): ChatTemplate | undefined {
  const { file, tokens, name, now } = options;
  const source = file ?? sourceIn(config.chat_template, name);
  const toolUse = file === undefined ? namedIn(config.chat_template, "tool_use") : undefined;
  return source === undefined ? undefined : chatTemplate(source, { name, tokens, now, toolUse });
}

/** Templates with names: a list of them, or an object by name. */
function namedTemplates(value: unknown): { name?: unknown; template?: unknown }[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, template]) => ({ name, template }));
}

/** The template of this name among them. */
function namedIn(value: unknown, name: string): string | undefined {
  const named = namedTemplates(value);
  const template = named.find((entry) => entry?.name === name)?.template;
  return typeof template === "string" ? template : undefined;
}

function sourceIn(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  const named = namedTemplates(value);
  const found = named.find((entry) => entry?.name === "default") ?? (named.length === 1 ? named[0] : undefined);
  if (typeof found?.template === "string") return found.template;
  throw new TypeError(
    `Cannot read the chat template of ${name}: "chat_template" must be a string, or a list of named ones with one called ` +
      `"default", current value is ${JSON.stringify(value).slice(0, 80)}`,
  );
}
