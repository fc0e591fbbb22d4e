/**
 * A text that a run is trained or evaluated on.
 *
 * @module
 */
import type { Row } from "../batches/row.ts";
import type { PromptTask } from "../text/render_prompt.ts";

/** An instruction with its accepted answers. */
export interface CorpusText {
  /** The kind of question; empty if the data has none. */
  kind: string;
  /** The whole prompt. */
  prompt: string;
  /** The question without the template around it, where the two differ; this is what people are shown. */
  question?: string;
  /** The accepted answers, at least one; the first is the one to learn from. */
  outputs: string[];
  /** The row of a prepared folder, and the hash of the tokenizer that it was made with. */
  prepared?: { row: Row; tokenizer: string };
  /** What the prompt is made of, if the file has it; see {@linkcode renderTexts}. */
  task?: PromptTask;
  /** Whether a chat template made the prompt. */
  isChat?: boolean;
  /** The file and the line that the text is from. */
  source?: string;
}
