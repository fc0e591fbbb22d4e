/**
 * Bounds on what a template may ask for: templates come with models from anywhere, and none may hang or exhaust a
 * process. Each bound is far above what a prompt needs.
 *
 * @module
 */
import { LimitError } from "./errors.ts";

/** The longest text, in UTF-16 units. */
export const MAX_TEXT = 2 ** 24;
/** The longest list. */
export const MAX_ITEMS = 2 ** 20;
/** The longest range, as in Jinja's sandbox. */
export const MAX_RANGE = 100_000;
/**
 * How much work one rendering may take; one expression is one unit, and so are 64 characters or items that it makes.
 */
export const MAX_STEPS = 10_000_000;
/** How deep macros and recursive loops may call one another; in Python they end at about this depth as well. */
export const MAX_CALLS = 200;
/** How deep expressions, and how deep statements, may be nested; Python's compiler has such limits too. */
export const MAX_NESTING = 100;
/** How deep lists and objects may be nested. */
export const MAX_DEPTH = 200;
/** The most digits after the point that a number is written with. */
export const MAX_PRECISION = 5000;
/** The longest word that `urlize` looks for an address in, and the longest row of hyphens that `wordwrap` takes. */
export const MAX_WORD = 4096;
/** The largest integer, in bits. */
export const MAX_BITS = 2 ** 16;

/** Refuses a text that is about to become too long. */
export function checkText(length: number): void {
  if (length > MAX_TEXT) throw new LimitError(`a text may have ${MAX_TEXT} characters, this one would have ${length}`);
}

/** Refuses a list that is about to become too long. */
export function checkItems(length: number): void {
  if (length > MAX_ITEMS) throw new LimitError(`a list may have ${MAX_ITEMS} items, this one would have ${length}`);
}

/** Counts the work of one rendering. */
export class Meter {
  #left: number = MAX_STEPS;

  /**
   * Takes note of work.
   *
   * @param characters How many characters or items it goes over.
   * @throws {LimitError} If the rendering takes too long.
   */
  charge(characters: number = 0): void {
    this.#left -= 1 + Math.floor(characters / 64);
    if (this.#left < 0) throw new LimitError(`a template may take ${MAX_STEPS} steps, this one takes more`);
  }
}
