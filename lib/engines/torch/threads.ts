/**
 * How many threads a kernel takes.
 *
 * @module
 */
import type { Functions } from "./library.ts";

/**
 * Elements of the largest input from which on a kernel takes more than one thread, as ATen's own loops do. Below it,
 * waking the others takes longer than what they would help with; products and attention would wake them all the same.
 */
const SEVERAL_FROM = 2 ** 15;

/** The threads of libtorch on the processor. */
export class Threads {
  readonly #functions: Functions;
  readonly #count = new Uint32Array(1);
  #one = false;

  /** @param functions libtorch's. */
  constructor(functions: Functions) {
    this.#functions = functions;
    functions.torch_get_num_threads(this.#count);
  }

  /** Sets how many threads large kernels take. */
  set(count: number): void {
    this.#count[0] = count;
    this.#use(this.#one);
  }

  /** Takes one thread for a kernel whose largest input has few elements, else all. */
  suit(elements: number): void {
    const one = elements < SEVERAL_FROM;
    if (one !== this.#one) this.#use(one);
  }

  #use(one: boolean): void {
    this.#one = one;
    this.#functions.omp_set_num_threads(one ? 1 : this.#count[0]);
  }
}
