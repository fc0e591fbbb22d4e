/**
 * The variable `loop`.
 *
 * @module
 */
import { equals } from "./compare.ts";
import { TemplateError, typeError } from "./errors.ts";
import { iterate, listOf, sizeOf } from "./protocol.ts";
import { type Arguments, Callable, Instance, Lazy, Tuple, Undefined, type Value } from "./value.ts";

/** Renders the body of a recursive loop over other items. */
export type Recurse = (items: Value, depth: number) => string;

/** A running loop. */
export class Loop extends Instance {
  override readonly type: string = "LoopContext";
  override readonly module: string = "jinja2.runtime";
  #items: Iterator<Value>;
  #length?: number;
  #index = -1;
  /** The next item, if it has been peeked at: itself, or the end. */
  #after?: { value: Value } | "end";
  #before: Value = null;
  #current: Value = null;
  #changed?: Tuple;

  constructor(readonly source: Value, readonly recurse?: Recurse, readonly depth: number = 0) {
    super();
    this.#items = iterate(source);
  }

  /** Advances to the next item, or to the end. */
  next(): { value: Value } | undefined {
    const next = this.#peek();
    this.#after = undefined;
    if (next === "end") return undefined;
    this.#index++;
    [this.#before, this.#current] = [this.#current, next.value];
    return next;
  }

  #peek(): { value: Value } | "end" {
    if (this.#after === undefined) {
      const { done, value } = this.#items.next();
      this.#after = done ? "end" : { value };
    }
    return this.#after;
  }

  override size(): number {
    if (this.#length === undefined) {
      const hasSize = !(this.source instanceof Instance) || this.source.size !== undefined;
      if (hasSize) this.#length = sizeOf(this.source);
      else {
        const rest = listOf(new Lazy(this.#items));
        this.#items = rest.values();
        this.#length = rest.length + this.#index + 1 + (typeof this.#after === "object" ? 1 : 0);
      }
    }
    return this.#length;
  }

  override call(args: Arguments): Value {
    if (!this.recurse) throw typeError("The loop must have the 'recursive' marker to be called recursively.");
    if (args.positional.length !== 1) throw typeError("LoopContext.__call__() takes one iterable");
    return this.recurse(args.positional[0], this.depth + 1);
  }

  override attribute(name: string): Value | undefined {
    switch (name) {
      case "index":
        return BigInt(this.#index + 1);
      case "index0":
        return BigInt(this.#index);
      case "length":
        return BigInt(this.size());
      case "revindex":
        return BigInt(this.size() - this.#index);
      case "revindex0":
        return BigInt(this.size() - this.#index - 1);
      case "first":
        return this.#index === 0;
      case "last":
        return this.#peek() === "end";
      case "depth":
        return BigInt(this.depth + 1);
      case "depth0":
        return BigInt(this.depth);
      case "previtem":
        return this.#index === 0 ? new Undefined(() => "there is no previous item") : this.#before;
      case "nextitem": {
        const next = this.#peek();
        return next === "end" ? new Undefined(() => "there is no next item") : next.value;
      }
      case "cycle":
        return new Callable(({ positional }) => {
          if (positional.length === 0) throw typeError("no items for cycling given");
          return positional[this.#index % positional.length];
        });
      case "changed":
        return new Callable(({ positional }, { meter }) => {
          const value = new Tuple(positional);
          if (this.#changed && equals(this.#changed, value, meter)) return false;
          this.#changed = value;
          return true;
        });
      default:
        return undefined;
    }
  }

  override repr(): string {
    return `<LoopContext ${this.#index + 1}/${this.size()}>`;
  }
}

/** Refuses to go deeper. */
export function tooDeep(): never {
  throw new TemplateError("RecursionError", "maximum recursion depth exceeded");
}
