/**
 * The messages of a conversation, and what a chat template is rendered with.
 *
 * @module
 */

/** A message of a conversation. Templates may read further fields, such as `name` or `reasoning_content`. */
export interface ChatMessage {
  /** The role: `system`, `user`, `assistant`, `tool` or another one that the template knows. */
  role: string;
  /** The content: a string, or parts such as `{ type: "text", text: "…" }`; absent if tools are called. */
  content?: string | readonly Readonly<Record<string, unknown>>[] | null;
  /** The tools that the assistant calls. */
  tool_calls?: readonly Readonly<Record<string, unknown>>[] | null;
  /** Further variables of the template. */
  [field: string]: unknown;
}

/** Options for {@linkcode ChatTemplate.render}. What comes from a JSON file is read by `parseTemplateData`. */
export interface RenderOptions {
  /**
   * Whether the prompt ends with the start of an assistant message.
   *
   * @default {true}
   */
  addGenerationPrompt?: boolean;
  /**
   * The tools that the model may call, each as a JSON schema of a function.
   *
   * @default {none}
   */
  tools?: readonly Readonly<Record<string, unknown>>[];
  /**
   * The documents that the model may refer to.
   *
   * @default {none}
   */
  documents?: readonly Readonly<Record<string, unknown>>[];
  /**
   * The time that the template's `strftime_now` formats, in the local time zone.
   *
   * @default {that of the template}
   */
  now?: Date;
  /**
   * Values of the template's other variables, such as `enable_thinking` or `date_string`.
   *
   * @default {none}
   */
  variables?: Readonly<Record<string, unknown>>;
}
