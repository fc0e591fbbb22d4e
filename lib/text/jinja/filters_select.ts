/**
 * Filters that apply a filter or a test to each of many values.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import { type Filter, reader } from "./filter.ts";
import { each, truth } from "./protocol.ts";
import { quoted } from "./text_form.ts";
import { type Arguments, Lazy, type Runtime, type Value } from "./value.ts";

const complaint = (message: string): TemplateError => new TemplateError("FilterArgumentError", message);

/** The function that `map` applies to each value. */
function mapping(runtime: Runtime, { positional, named }: Arguments): (value: Value) => Value {
  if (positional.length === 0 && named.has("attribute")) {
    const strange = [...named.keys()].find((name) => name !== "attribute" && name !== "default");
    if (strange !== undefined) throw complaint(`Unexpected keyword argument ${quoted(strange)}`);
    return reader(named.get("attribute")!, named.get("default") ?? null);
  }
  if (positional.length === 0) throw complaint("map requires a filter argument");
  const [name, ...rest] = positional;
  return (value) => runtime.filter(name, value, { positional: rest, named });
}

function* mapped(runtime: Runtime, value: Value, args: Arguments): Generator<Value> {
  if (!truth(value)) return;
  const change = mapping(runtime, args);
  for (const one of each(value)) {
    runtime.meter.charge();
    yield change(one);
  }
}

/** The selecting filters: test each value, or one of its attributes. */
function selecting({ isByAttribute, isKept }: { isByAttribute: boolean; isKept: boolean }): Filter {
  function* selected(runtime: Runtime, value: Value, { positional, named }: Arguments): Generator<Value> {
    if (!truth(value)) return;
    const [path, ...others] = isByAttribute ? positional : [null, ...positional];
    if (path === undefined) throw complaint("Missing parameter for attribute name");
    const read = reader(path);
    const [name, ...rest] = others;
    for (const one of each(value)) {
      runtime.meter.charge();
      const asked = read(one);
      const answer = name === undefined ? truth(asked) : runtime.test(name, asked, { positional: rest, named });
      if (answer === isKept) yield one;
    }
  }
  return (runtime, value, args) => new Lazy(selected(runtime, value, args));
}

/** Filters that apply to each of many values, by name. */
export const SELECT_FILTERS: Readonly<Record<string, Filter>> = {
  map: (runtime, value, args) => new Lazy(mapped(runtime, value, args)),
  reject: selecting({ isByAttribute: false, isKept: false }),
  rejectattr: selecting({ isByAttribute: true, isKept: false }),
  select: selecting({ isByAttribute: false, isKept: true }),
  selectattr: selecting({ isByAttribute: true, isKept: true }),
};
