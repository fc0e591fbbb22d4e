/**
 * The output of a rendering.
 *
 * @module
 */
import { checkText, type Meter } from "./limits.ts";

/** Collects pieces of text. */
export class Output {
  readonly #parts: string[] = [];
  #length = 0;

  constructor(readonly meter: Meter) {}

  /** Adds a piece. */
  add(text: string): void {
    checkText(this.#length += text.length);
    this.meter.charge(text.length);
    this.#parts.push(text);
  }
  /** The text. */
  join(): string {
    return this.#parts.join("");
  }
}
