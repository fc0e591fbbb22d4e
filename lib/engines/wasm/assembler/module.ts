/**
 * Functions and the module that holds them.
 *
 * @module
 */
import { type Bytes, list, name, section, sized, unsigned } from "./encoding.ts";
import { type Local, TYPES, type ValueType } from "./instructions.ts";

/** How a function gets variables. */
export type Declare = (type: ValueType) => Local;

/** A function: how many integers it takes, and its code, which leaves nothing. */
export interface FunctionSource {
  /** The name to call it by from JavaScript; without one it is the module's own. */
  exported?: string;
  /** How many integers it takes. */
  parameters: number;
  /** Writes its code. */
  write(parameters: readonly Local[], declare: Declare): Bytes;
}

/** A module with a memory of another. */
export class ModuleBuilder {
  readonly #functions: { source: FunctionSource; code: Bytes }[] = [];

  /** Adds a function, which those added later may call. */
  add(source: FunctionSource): { index: number } {
    const index = this.#functions.length;
    const parameters = Array.from({ length: source.parameters }, (_, index) => ({ index }));
    const types: ValueType[] = [];
    const code = source.write(parameters, (type) => ({ index: source.parameters + types.push(type) - 1 }));
    const locals = list(types.map((type) => [1, TYPES[type]]));
    this.#functions.push({ source, code: sized([...locals, ...code, 0x0b]) });
    return { index };
  }

  /**
   * The module's bytes.
   *
   * @param shared Whether the memory, which is imported as `env.memory`, is shared by threads.
   */
  bytes(shared: boolean): Uint8Array<ArrayBuffer> {
    const functions = this.#functions;
    const types = functions.map(({ source }) => [0x60, ...list(Array(source.parameters).fill([TYPES.i32])), 0]);
    const memory = [...name("env"), ...name("memory"), 2, shared ? 3 : 1, ...unsigned(1), ...unsigned(MOST_PAGES)];
    const exported = functions.flatMap(({ source }, index) =>
      source.exported === undefined ? [] : [[...name(source.exported), 0, ...unsigned(index)]]
    );
    return new Uint8Array([
      ...HEADER,
      ...section(1, list(types)),
      ...section(2, list([memory])),
      ...section(3, list(functions.map((_, index) => unsigned(index)))),
      ...section(7, list(exported)),
      ...section(10, list(functions.map(({ code }) => code))),
    ]);
  }
}

/** What every module begins with: a name and a version. */
const HEADER: Bytes = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

/** Pages of 64 KiB that addresses of 32 bits reach. */
const MOST_PAGES = 65_536;
