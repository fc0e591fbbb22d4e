/**
 * The value of `namespace()`, the only object whose members a template can set.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import { quoted, repr } from "./text_form.ts";
import { type Dict, Instance, type Value } from "./value.ts";

/** A namespace. */
export class NamespaceValue extends Instance {
  override readonly type: string = "TemplateNamespace";
  override readonly module: string = "transformers.utils.chat_template_utils";
  readonly #members: Dict;

  constructor(members: Dict) {
    super();
    for (const key of members.keys()) if (typeof key === "string") checkName(key);
    this.#members = members;
  }

  /** Sets a member. */
  set(name: string, value: Value): void {
    checkName(name);
    this.#members.set(name, value);
  }
  override attribute(name: string): Value | undefined {
    return this.#members.get(name);
  }
  override repr(): string {
    return `<Namespace ${repr(this.#members)}>`;
  }
}

function checkName(name: string): void {
  if (!name.startsWith("_")) return;
  throw new TemplateError(
    "SecurityError",
    `Chat templates cannot store underscore-prefixed attributes on a namespace, but got ${
      quoted(name)
    }. Please rename ` +
      "the attribute.",
  );
}
