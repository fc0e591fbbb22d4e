/**
 * One training example.
 *
 * @module
 */

/** A prompt with its response. The loss is on the tokens after the prompt, the end token included. */
export interface Row {
  /** Token ids of prompt and response, the end token last. */
  ids: number[];
  /** How many of `ids` belong to the prompt; at least 1, and less than `ids.length`. */
  promptLength: number;
  /**
   * Its source, for objectives that use it. In a run, rows that the student wrote are `"student"`, those from the
   * replay buffer `"buffer"`.
   *
   * @default {"corpus"}
   */
  source?: string;
  /**
   * The prompt that the teacher reads in place of the row's, in the teacher's tokens; the response is the same.
   *
   * @default {the row's own}
   */
  teacherPrompt?: readonly number[];
  /**
   * Further plain data about it, for objectives that use it: a weight, a grade, a language.
   *
   * @default {nothing}
   */
  fields?: Readonly<Record<string, unknown>>;
}

/**
 * Checks that a row can be trained on.
 *
 * @param row The row.
 * @param index Its index in the batch, for the message.
 * @throws {RangeError} If the prompt is empty or no response follows it.
 */
export function checkRow({ ids, promptLength, teacherPrompt }: Row, index: number): void {
  if (teacherPrompt !== undefined && !(Array.isArray(teacherPrompt) && teacherPrompt.length > 0)) {
    throw new RangeError(`Cannot train on row ${index}: its teacherPrompt must be a list of at least one token id`);
  }
  if (!Number.isInteger(promptLength) || promptLength < 1) {
    throw new RangeError(`Cannot train on row ${index}: its prompt must have a token, promptLength is ${promptLength}`);
  }
  if (promptLength >= ids.length) {
    throw new RangeError(
      `Cannot train on row ${index}: a response must follow the prompt, ` +
        `promptLength is ${promptLength} of ${ids.length} tokens`,
    );
  }
}

/** The identity of a row: its prompt length and its tokens, and the teacher's prompt where it has one. */
export const rowKey = ({ ids, promptLength, teacherPrompt }: Row): string =>
  `${promptLength}:${ids.join()}${teacherPrompt ? `<${teacherPrompt.join()}` : ""}`;
