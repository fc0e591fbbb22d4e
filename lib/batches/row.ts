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
export function checkRow({ ids, promptLength }: Row, index: number): void {
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

/** The identity of a row: its prompt length and its tokens. */
export const rowKey = ({ ids, promptLength }: Row): string => `${promptLength}:${ids.join()}`;
