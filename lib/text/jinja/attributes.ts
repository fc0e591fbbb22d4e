/**
 * Access by a dot or by brackets: the attributes of Python's values, mostly methods, and items.
 *
 * @module
 */
import { DICT_METHODS } from "./dict_methods.ts";
import { TemplateError, UnsupportedError } from "./errors.ts";
import { LIST_METHODS, RANGE_ATTRIBUTES, TUPLE_METHODS } from "./list_methods.ts";
import { FLOAT_ATTRIBUTES, INTEGER_ATTRIBUTES } from "./number_attributes.ts";
import { isHashable, itemAt } from "./items.ts";
import { Range } from "./range.ts";
import { repr } from "./text_form.ts";
import { TEXT_METHODS } from "./text_methods.ts";
import { formatMethod } from "./text_format.ts";
import {
  Callable,
  Dict,
  GroupTuple,
  Instance,
  Markup,
  textIn,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "./value.ts";
import type { MethodTable } from "./methods.ts";

/** The attributes of every Python object. */
const OF_ALL = new Set(
  ("class delattr dir doc eq format ge getattribute getstate gt hash init init_subclass le lt ne new reduce " +
    "reduce_ex repr setattr sizeof str subclasshook").split(" ").map((name) => `__${name}__`),
);
const OF_CONTAINERS = ["__len__", "__getitem__", "__contains__", "__iter__"];

/** Methods that modify a list or a dictionary, which the sandbox does not allow. */
const CHANGES: Readonly<Record<string, ReadonlySet<string>>> = {
  list: new Set(["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"]),
  dict: new Set(["clear", "pop", "popitem", "setdefault", "update"]),
};

/** Reads `value.name`: an attribute first, an item of that name otherwise. */
export function attribute(object: Value, name: string): Value {
  const own = ownAttribute(object, name);
  const found = own === undefined ? itemOrNothing(object, name) : own;
  return found === undefined ? missing(object, name) : found;
}

/** Reads `value[key]`: an item first, an attribute of that name otherwise. */
export function item(object: Value, key: Value): Value {
  const name = textIn(key);
  const own = itemOrNothing(object, key);
  const found = own === undefined && name !== undefined ? ownAttribute(object, name) : own;
  return found === undefined ? missing(object, key) : found;
}

const itemOrNothing = (object: Value, key: Value): Value | undefined => {
  if (object instanceof Undefined) throw new TemplateError(object.kind, object.message());
  return isHashable(key) ? itemAt(object, key) : undefined;
};

/** Reads an attribute; undefined if there is no attribute of this name. */
export function ownAttribute(object: Value, name: string): Value | undefined {
  if (object instanceof Undefined) return ofUndefined(object, name);
  const type = typeName(object);
  if (OF_ALL.has(name) || (OF_CONTAINERS.includes(name) && hasSize(object))) return unsafe(object, name);
  if (CHANGES[type]?.has(name)) return unsafe(object, name);
  if (object instanceof Instance && !(object instanceof Range)) return object.attribute(name);
  if (object instanceof GroupTuple && name === "grouper") return object.items[0];
  if (object instanceof GroupTuple && name === "list") return object.items[1];
  const text = textIn(object);
  if (text !== undefined && (name === "format" || name === "format_map")) {
    return new Callable((args, runtime) => formatMethod(object as string | Markup, { name, args, runtime }));
  }
  const entry = methodsOf(object)?.get(name);
  if (!entry) return undefined;
  if (entry === "unsupported") throw new UnsupportedError(`${type}.${name}()`);
  if ("value" in entry) return entry.value(object);
  return new Callable((args, runtime) => entry.method(object, args, runtime));
}

function methodsOf(object: Value): MethodTable | undefined {
  if (typeof object === "string" || object instanceof Markup) return TEXT_METHODS;
  if (Array.isArray(object)) return LIST_METHODS;
  if (object instanceof Range) return RANGE_ATTRIBUTES;
  if (object instanceof Tuple) return TUPLE_METHODS;
  if (object instanceof Dict) return DICT_METHODS;
  if (typeof object === "bigint" || typeof object === "boolean") return INTEGER_ATTRIBUTES;
  return typeof object === "number" ? FLOAT_ATTRIBUTES : undefined;
}

const hasSize = (object: Value): boolean =>
  textIn(object) !== undefined || Array.isArray(object) || object instanceof Tuple || object instanceof Dict;

/** Attributes of an undefined value are errors, except for those that Python itself looks up. */
function ofUndefined(object: Undefined, name: string): Value | undefined {
  if (OF_ALL.has(name) || OF_CONTAINERS.includes(name)) return unsafe(object, name);
  if (name.startsWith("__") && name.endsWith("__")) return undefined;
  throw new TemplateError(object.kind, object.message());
}

const unsafe = (object: Value, name: string): Undefined =>
  new Undefined(
    () => `access to attribute ${repr(name)} of ${repr(typeName(object))} object is unsafe.`,
    "SecurityError",
  );

/** An object's name in messages. */
function called(object: Value): string {
  if (object === null) return "None";
  const module = object instanceof Instance ? object.module : object instanceof Markup ? "markupsafe" : undefined;
  const own = object instanceof GroupTuple ? "jinja2.filters" : object instanceof Undefined ? "jinja2.runtime" : module;
  return `${own ? `${own}.` : ""}${typeName(object)} object`;
}

/** The undefined value for a missing attribute or item. */
export function missing(object: Value, name: Value): Undefined {
  return new Undefined(() =>
    typeof name === "string"
      ? `${repr(called(object))} has no attribute ${repr(name)}`
      : `${called(object)} has no element ${repr(name)}`
  );
}
