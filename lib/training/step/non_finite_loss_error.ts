/**
 * The error of a step whose loss or gradient is not finite.
 *
 * @module
 */

/** A step's loss or gradient is not a finite number; nothing has been changed by it. */
export class NonFiniteLossError extends Error {
  /** The error's name. */
  override name = "NonFiniteLossError";

  /**
   * Makes the error.
   *
   * @param step The step, from 0.
   * @param culprit What was not finite, its value, and where it arose.
   * @param savedAs The folder that the step was saved in for replay, if it was.
   */
  constructor(readonly step: number, readonly culprit: string, readonly savedAs?: string) {
    const replay = savedAs === undefined ? "" : `, and saved in ${savedAs}`;
    super(`Cannot take step ${step}: ${culprit}; the student is unchanged${replay}`);
  }
}
