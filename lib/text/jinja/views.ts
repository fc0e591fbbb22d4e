/**
 * The views of a dictionary: `keys()`, `values()` and `items()`.
 *
 * @module
 */
import { repr } from "./text_form.ts";
import { type Dict, Instance, Tuple, type Value } from "./value.ts";

/** The kinds of views: keys, values, both. */
export type ViewKind = "keys" | "values" | "items";

/** A live view of a dictionary. */
export class DictView extends Instance {
  override readonly type: string;
  override readonly isHashable: boolean;
  constructor(readonly dict: Dict, readonly kind: ViewKind) {
    super();
    this.type = `dict_${kind}`;
    this.isHashable = kind === "values";
  }
  override size(): number {
    return this.dict.size;
  }
  /** Its kind. */
  list(): Value[] {
    if (this.kind === "keys") return this.dict.keys();
    return this.kind === "values" ? this.dict.values() : this.dict.entries().map((entry) => new Tuple(entry));
  }
  override iterate(): Iterator<Value> {
    return this.list().values();
  }
  override reversed(): Iterator<Value> {
    return this.list().reverse().values();
  }
  override repr(): string {
    return `${this.type}(${repr(this.list())})`;
  }
}
