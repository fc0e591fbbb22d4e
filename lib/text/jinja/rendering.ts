/**
 * One rendering of a template.
 *
 * @module
 */
import { unknown } from "./unknown_name.ts";
import { FILTERS } from "./filters.ts";
import { MAX_CALLS, Meter } from "./limits.ts";
import { tooDeep } from "./loop.ts";
import { truth } from "./protocol.ts";
import { TESTS } from "./tests.ts";
import { type Arguments, itemsIn, type Runtime, textIn, type Value } from "./value.ts";

/** The environment of a rendering. */
export class Rendering implements Runtime {
  readonly meter: Meter = new Meter();
  #depth = 0;

  constructor(readonly now?: Date) {}

  /** Applies a filter. */
  filter(name: Value, value: Value, args: Arguments, ending: string = ""): Value {
    const found = typeof name === "string" ? FILTERS.get(name) : undefined;
    if (!found) throw unknown("filter", name, ending);
    this.#charge(value);
    return found(this, value, args);
  }

  /** Applies a test. */
  test(name: Value, value: Value, args: Arguments, ending: string = ""): boolean {
    const found = typeof name === "string" ? TESTS.get(name) : undefined;
    if (!found) throw unknown("test", name, ending);
    this.#charge(value);
    return truth(found(this, value, args));
  }

  #charge(value: Value): void {
    this.meter.charge(textIn(value)?.length ?? itemsIn(value)?.length ?? 0);
  }

  /** Renders a call, one level deeper. */
  deeper<T>(render: () => T): T {
    if (++this.#depth > MAX_CALLS) tooDeep();
    try {
      return render();
    } finally {
      this.#depth--;
    }
  }
}
