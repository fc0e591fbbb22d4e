/**
 * Macros as values.
 *
 * @module
 */
import { typeError } from "./errors.ts";
import type { Macro } from "./nodes.ts";
import { quoted } from "./text_form.ts";
import { type Arguments, Dict, Instance, Tuple, Undefined, type Value } from "./value.ts";

/** A macro, or what `caller` is in one. */
export class MacroValue extends Instance {
  override readonly type: string = "Macro";
  override readonly module: string = "jinja2.runtime";

  /**
   * Takes the macro's node, and the function that renders it with its parameters; a parameter without a value is
   * undefined.
   */
  constructor(readonly node: Macro, readonly render: (parameters: Map<string, Value | undefined>) => string) {
    super();
  }

  override call({ positional, named }: Arguments): Value {
    const { name, parameters: { names }, uses } = this.node;
    const left = new Map(named);
    const title = name === null ? "None" : quoted(name);
    const given = new Map<string, Value | undefined>();
    let hasCaller = positional.length >= names.length && names.includes("caller");
    names.forEach((parameter, index) => {
      if (index < positional.length) {
        given.set(parameter, positional[index]);
        return;
      }
      if (parameter === "caller") hasCaller = true;
      given.set(parameter, left.get(parameter));
      left.delete(parameter);
    });
    if (uses!.caller && !hasCaller) {
      given.set("caller", left.get("caller") ?? new Undefined(() => "No caller defined"));
      left.delete("caller");
    }
    if (uses!.kwargs) given.set("kwargs", new Dict(left));
    else if (left.has("caller")) {
      throw typeError(
        `macro ${title} was invoked with two values for the special caller argument. This is most likely a bug.`,
      );
    } else if (left.size > 0) {
      throw typeError(`macro ${title} takes no keyword argument ${quoted([...left.keys()][0])}`);
    }
    if (uses!.varargs) given.set("varargs", new Tuple(positional.slice(names.length)));
    else if (positional.length > names.length) {
      throw typeError(`macro ${title} takes not more than ${names.length} argument(s)`);
    }
    return this.render(given);
  }

  override attribute(name: string): Value | undefined {
    const { name: own, parameters: { names }, uses } = this.node;
    const values: Record<string, Value> = {
      name: own,
      arguments: new Tuple(names),
      caller: uses!.caller,
      catch_kwargs: uses!.kwargs,
      catch_varargs: uses!.varargs,
      explicit_caller: names.includes("caller"),
    };
    return Object.hasOwn(values, name) ? values[name] : undefined;
  }

  override repr(): string {
    return `<Macro ${this.node.name === null ? "anonymous" : quoted(this.node.name)}>`;
  }
}
