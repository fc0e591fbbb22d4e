/**
 * An instruction with its answers, and the names that files have for the parts of one.
 *
 * @module
 */

import type { PromptTask } from "../text/render_prompt.ts";

/** An instruction with its accepted answers. */
export interface InstructionRow {
  /** The task, or the user's message; for a row that is only a prompt, the prompt. */
  instruction: string;
  /** What the task is about; may be empty. */
  input: string;
  /** The accepted answers, at least one; the first is the training target. */
  outputs: string[];
  /** The whole prompt: the file's own, or else instruction and input in the Alpaca form. Empty for plain text. */
  prompt: string;
  /** The kind of question, if the file has it. */
  kind?: string;
  /** The text of the system message, if there is one. */
  system?: string;
  /**
   * `chat` for messages, which the tokenizer's chat template renders, if it has one; `prompt` for a prompt that is used
   * verbatim; `text` for plain text, the only output, whose tokens except for the first are the targets.
   *
   * @default {an instruction}
   */
  form?: "chat" | "prompt" | "text";
  /**
   * What else the file says of the row, by its keys: those that {@linkcode InstructionFields.more} names.
   *
   * @default {nothing}
   */
  fields?: Readonly<Record<string, unknown>>;
  /**
   * What the teacher is asked in the place of this question; the answer is the same.
   *
   * @default {the same question}
   */
  teacherTask?: PromptTask;
}

/** A file's keys for the parts of an instruction. */
export interface InstructionFields {
  /**
   * The task.
   *
   * @default {"instruction", or else "question"}
   */
  instruction?: string;
  /**
   * The input of the task.
   *
   * @default {"input", or else "context"}
   */
  input?: string;
  /**
   * The response, or the list of accepted ones.
   *
   * @default {"output", or else "response", "completion", "answer"}
   */
  output?: string;
  /**
   * Further keys, which rows keep as their `fields`.
   *
   * @default {none}
   */
  more?: readonly string[];
  /**
   * What the teacher is asked in the place of the question.
   *
   * @default {the same question}
   */
  teacherPrompt?: string;
}
