/**
 * The variables of a rendering.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import type { Frame } from "./frame.ts";
import { quoted } from "./text_form.ts";
import { Undefined, type Value } from "./value.ts";

/** The variables passed to a template, and those it sets at its top level. */
export class Context {
  readonly #own = new Map<string, Value>();

  constructor(readonly given: ReadonlyMap<string, Value>) {}

  /** Finds a variable. */
  resolve(name: string): Value | undefined {
    const own = this.#own.get(name);
    return own === undefined ? this.given.get(name) : own;
  }
  /** Sets a variable. */
  set(name: string, value: Value): void {
    this.#own.set(name, value);
  }
  /** The same with more variables. */
  derived(more: Iterable<[string, Value]>): Context {
    return new Context(new Map([...this.given, ...this.#own, ...more]));
  }
}

/** The variables of a part of a template, within those of its enclosing scope. A variable may have no value. */
export class Scope {
  readonly #values = new Map<string, Value | undefined>();

  /** Takes the enclosing scope; at the top level, blocks see the variables set in it. */
  constructor(readonly context: Context, readonly parent?: Scope, readonly isTop: boolean = false) {}

  /** Enters a part: gives each of its variables its initial value. */
  enter(frame: Frame, parameters: ReadonlyMap<string, Value | undefined> = new Map()): this {
    for (const [name, load] of frame) {
      const value = load === "parameter"
        ? parameters.get(name)
        : load === "alias"
        ? this.parent!.#find(name)
        : load === "resolve"
        ? this.context.resolve(name)
        : undefined;
      this.#values.set(name, value);
    }
    return this;
  }

  #find(name: string): Value | undefined {
    if (this.#values.has(name)) return this.#values.get(name);
    if (this.parent) return this.parent.#find(name);
    throw new TemplateError(
      "AssertionError",
      `Tried to resolve a name to a reference that was unknown to the frame (${quoted(name)})`,
    );
  }

  /** Reads a variable. */
  get(name: string): Value {
    const value = this.#find(name);
    return value === undefined ? new Undefined(() => `${quoted(name)} is undefined`) : value;
  }
  /** Sets a variable of this part. */
  set(name: string, value: Value): void {
    this.#values.set(name, value);
    if (this.isTop) this.context.set(name, value);
  }
  /** All variables that have a value, the outer before the inner. */
  *all(): Generator<[string, Value]> {
    if (this.parent) yield* this.parent.all();
    for (const [name, value] of this.#values) if (value !== undefined) yield [name, value];
  }
}
