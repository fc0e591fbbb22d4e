/**
 * A text that a run is trained or evaluated on.
 *
 * @module
 */
import type { Row } from "../batches/row.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import type { PromptTask } from "../text/render_prompt.ts";

/** An instruction with its accepted answers. */
export interface CorpusText {
  /** The kind of question; empty if the data has none. */
  kind: string;
  /** The whole prompt. */
  prompt: string;
  /** The question without its template, if the two differ; this is what reports show. */
  question?: string;
  /** The accepted answers, at least one; the first is the training target. */
  outputs: string[];
  /** The row of a prepared folder, and the hash of the tokenizer it was prepared with. */
  prepared?: { row: Row; tokenizer: string };
  /** The parts of the prompt, if the file has them; see {@linkcode renderTexts}. */
  task?: PromptTask;
  /** What the teacher is asked in the place of the prompt, if the file has that. */
  teacherTask?: PromptTask;
  /** The teacher's prompt, where it is another one, and its tokenizer; see {@linkcode renderTexts}. */
  taught?: { prompt: string; tokenizer: Tokenizer };
  /** Whether a chat template made the prompt. */
  isChat?: boolean;
  /** What else the file says of it, by its keys, where rows are to keep it. */
  fields?: Readonly<Record<string, unknown>>;
  /** The file and line of the text. */
  source?: string;
}
