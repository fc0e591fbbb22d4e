/**
 * Limits on templates, which come with untrusted models and must not hang or exhaust a process. Each limit is far above
 * what a prompt needs.
 *
 * @module
 */
import { LimitError } from "./errors.ts";

/** The maximum length of a string, in UTF-16 code units. */
export const MAX_TEXT = 2 ** 24;
/** The maximum length of a list. */
export const MAX_ITEMS = 2 ** 20;
/** The maximum length of a range, as in Jinja's sandbox. */
export const MAX_RANGE = 100_000;
/**
 * The maximum work of one rendering; an expression is one unit, and so are 64 characters or items that it produces.
 */
export const MAX_STEPS = 10_000_000;
/** The maximum depth of macro calls and recursive loops; Python's limit is about the same. */
export const MAX_CALLS = 200;
/** The maximum nesting of expressions, and of statements; Python's compiler has such limits too. */
export const MAX_NESTING = 100;
/** The maximum nesting of lists and objects. */
export const MAX_DEPTH = 200;
/** The maximum number of digits after the point. */
export const MAX_PRECISION = 5000;
/** The maximum length of a word in `urlize`, and of a run of hyphens in `wordwrap`. */
export const MAX_WORD = 4096;
/** The largest integer, in bits. */
export const MAX_BITS = 2 ** 16;

/** Refuses a string that would become too long. */
export function checkText(length: number): void {
  if (length > MAX_TEXT) throw new LimitError(`a text may have ${MAX_TEXT} characters, this one would have ${length}`);
}

/** Refuses a list that would become too long. */
export function checkItems(length: number): void {
  if (length > MAX_ITEMS) throw new LimitError(`a list may have ${MAX_ITEMS} items, this one would have ${length}`);
}

/** Counts the work of one rendering. */
export class Meter {
  #left: number = MAX_STEPS;

  /**
   * Records work.
   *
   * @param characters The number of characters or items processed.
   * @throws {LimitError} If the rendering takes too long.
   */
  charge(characters: number = 0): void {
    this.#left -= 1 + Math.floor(characters / 64);
    if (this.#left < 0) throw new LimitError(`a template may take ${MAX_STEPS} steps, this one takes more`);
  }
}
