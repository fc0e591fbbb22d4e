/**
 * `cycler` and `joiner`, which keep state between calls.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import { Callable, Instance, Tuple, type Value } from "./value.ts";

/** Cycles through values. */
export class Cycler extends Instance {
  override readonly type: string = "Cycler";
  override readonly module: string = "jinja2.utils";
  #position = 0;

  constructor(readonly items: readonly Value[]) {
    super();
    if (items.length === 0) throw new TemplateError("RuntimeError", "at least one item has to be provided");
  }
  override attribute(name: string): Value | undefined {
    if (name === "items") return new Tuple(this.items);
    if (name === "pos") return BigInt(this.#position);
    if (name === "current") return this.items[this.#position];
    if (name === "reset") {
      return new Callable(() => {
        this.#position = 0;
        return null;
      });
    }
    if (name !== "next") return undefined;
    return new Callable(() => {
      const current = this.items[this.#position];
      this.#position = (this.#position + 1) % this.items.length;
      return current;
    });
  }
}

/** Returns an empty string the first time, and a separator after that. */
export class Joiner extends Instance {
  override readonly type: string = "Joiner";
  override readonly module: string = "jinja2.utils";
  #isUsed = false;

  constructor(readonly separator: Value) {
    super();
  }
  override call(): Value {
    const given = this.#isUsed ? this.separator : "";
    this.#isUsed = true;
    return given;
  }
  override attribute(name: string): Value | undefined {
    return name === "sep" ? this.separator : name === "used" ? this.#isUsed : undefined;
  }
}
