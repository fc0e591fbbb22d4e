/**
 * Who owns which handle: what is made in a scope goes with it, unless it is kept.
 *
 * @module
 */
import type { Handle } from "./operators.ts";

/** Scopes within scopes, each owning the handles made in it. */
export class HandleScopes {
  /** How many handles there are: scopes' and kept ones together. */
  count = 0;

  readonly #free: (handle: Handle) => void;
  readonly #fresh: Handle[] = [];

  /** @param free Frees a handle. */
  constructor(free: (handle: Handle) => void) {
    this.#free = free;
  }

  /** Runs work and frees every handle added in it and not kept, whether it returns or throws. */
  run<Result>(work: () => Result): Result {
    const start = this.#fresh.length;
    try {
      return work();
    } finally {
      for (let i = start; i < this.#fresh.length; i++) if (this.#fresh[i] !== 0n) this.release(this.#fresh[i]);
      this.#fresh.length = start;
    }
  }

  /** Gives a new handle to the innermost scope. */
  add(handle: Handle): Handle {
    this.count++;
    this.#fresh.push(handle);
    return handle;
  }

  /**
   * Takes a handle out of its scope: it lives until it is released.
   *
   * @throws {Error} If no open scope owns it.
   */
  keep(handle: Handle): Handle {
    const at = this.#fresh.lastIndexOf(handle);
    if (at < 0) throw new Error("Cannot keep a handle: it is not of an open scope");
    this.#fresh[at] = 0n;
    return handle;
  }

  /** Frees a handle. */
  release(handle: Handle): void {
    this.#free(handle);
    this.count--;
  }
}
