/**
 * The values of a template, which are Python's: an integer is a `bigint` and a float a `number`, so that 1 and 1.0 are
 * distinct; a list is an array, a dictionary a {@linkcode Dict}. Names in templates are looked up in explicit tables,
 * never in JavaScript objects.
 *
 * @module
 */
import { LimitError, typeError, UnsupportedError } from "./errors.ts";
import type { Meter } from "./limits.ts";

/** A value. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Value[]
  | Markup
  | Tuple
  | Dict
  | Undefined
  | Instance;

/** The arguments of a call. */
export interface Arguments {
  /** Positional. */
  readonly positional: readonly Value[];
  /** Keyword arguments. */
  readonly named: ReadonlyMap<string, Value>;
}

/** The environment of functions during a rendering. */
export interface Runtime {
  /** The work counter. */
  readonly meter: Meter;
  /** Calls a filter by its name. */
  filter(name: Value, value: Value, args: Arguments): Value;
  /** Applies a test by its name. */
  test(name: Value, value: Value, args: Arguments): boolean;
  /** The time of this rendering, if there is one. */
  readonly now?: Date;
}

/** A string marked as safe HTML: anything added to it is escaped. */
export class Markup {
  constructor(readonly text: string) {}
}

/** An immutable list. */
export class Tuple {
  constructor(readonly items: readonly Value[]) {}
}

/** The result of `groupby`: a named tuple. */
export class GroupTuple extends Tuple {}

/** The undefined value: it prints nothing, and most uses of it are errors with this message. */
export class Undefined {
  constructor(readonly message: () => string, readonly kind: "UndefinedError" | "SecurityError" = "UndefinedError") {}
}

/** Any other object. Subclasses define its behaviour. */
export abstract class Instance {
  /** Python's name of its type. */
  abstract readonly type: string;
  /** Python's module of its type, if it is not built in. */
  readonly module?: string;
  /** Whether it can be a key. */
  readonly isHashable: boolean = true;
  /** Its length, if it has one. */
  size?(): number;
  /** Its items, if it is iterable. */
  iterate?(): Iterator<Value>;
  /** Its item at an index, if it is a sequence. */
  item?(index: number): Value | undefined;
  /** Its items in reverse, if it is reversible. */
  reversed?(): Iterator<Value>;
  /** Whether it contains a value, if that is not determined by iteration. */
  contains?(value: Value): boolean;
  /** Calls it, if it is callable. */
  call?(args: Arguments, runtime: Runtime): Value;
  /** One of its attributes. */
  attribute(_name: string): Value | undefined {
    return undefined;
  }
  /** How Python prints it. */
  repr(): string {
    throw new UnsupportedError(`printing a value of type '${this.type}', for which Python prints an address,`);
  }
}

/** Options for {@linkcode Callable}. */
export interface CallableOptions {
  /**
   * Python's name of its type.
   *
   * @default {"builtin_function_or_method"}
   */
  type?: string;
  /** How Python prints it, if known. */
  printed?: string;
}

/** A built-in function, or a method of a value. */
export class Callable extends Instance {
  override readonly type: string;
  constructor(readonly run: (args: Arguments, runtime: Runtime) => Value, readonly options: CallableOptions = {}) {
    super();
    this.type = options.type ?? "builtin_function_or_method";
  }
  override repr(): string {
    return this.options.printed ?? super.repr();
  }
  override call(args: Arguments, runtime: Runtime): Value {
    return this.run(args, runtime);
  }
}

/** A one-shot iterator, such as the result of `map` and `select`. */
export class Lazy extends Instance {
  #items: Iterator<Value>;
  constructor(items: Iterator<Value>, override readonly type: string = "generator") {
    super();
    this.#items = items;
  }
  override iterate(): Iterator<Value> {
    return this.#items;
  }
}

/** The maximum number of items of a tuple used as a key. */
const MAX_KEY = 1000;

/** The hash of a key: equal keys have equal hashes. */
type Hash = string | bigint | number | null | object;

/** Hashes a key: 1, 1.0 and true are the same key. */
export function hashOf(key: Value): Hash {
  if (typeof key === "string") return `s${key}`;
  if (typeof key === "boolean") return BigInt(key);
  if (typeof key === "number") return Number.isInteger(key) ? BigInt(key) : key;
  if (key instanceof Markup) return `s${key.text}`;
  if (key instanceof Undefined) return Undefined;
  if (Array.isArray(key)) throw typeError("unhashable type: 'list'");
  if (key instanceof Dict) throw typeError("unhashable type: 'dict'");
  if (key instanceof Instance && !key.isHashable) throw typeError(`unhashable type: '${key.type}'`);
  if (!(key instanceof Tuple)) return key;
  if (key.items.length > MAX_KEY) {
    throw new LimitError(`a key may have ${MAX_KEY} items, this one has ${key.items.length}`);
  }
  const parts = key.items.map((item) => {
    const hash = hashOf(item);
    if (typeof hash === "object" && hash !== null) throw new UnsupportedError("a tuple with an object in it as a key");
    return typeof hash === "string" ? `${hash.length}${hash}` : `${typeof hash} ${hash}`;
  });
  const hash = `t${parts.join()}`;
  if (hash.length > 64 * MAX_KEY) throw new LimitError(`a key may have ${64 * MAX_KEY} characters`);
  return hash;
}

/** A dictionary, in insertion order. */
export class Dict {
  readonly #entries = new Map<Hash, [key: Value, value: Value]>();

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }
  /** The number of keys. */
  get size(): number {
    return this.#entries.size;
  }
  /** Finds the value of a key. */
  get(key: Value): Value | undefined {
    return this.#entries.get(hashOf(key))?.[1];
  }
  /** Whether a key exists. */
  has(key: Value): boolean {
    return this.#entries.has(hashOf(key));
  }
  /** Sets the value of a key; an existing key keeps its original value and position. */
  set(key: Value, value: Value): void {
    const hash = hashOf(key);
    this.#entries.set(hash, [this.#entries.get(hash)?.[0] ?? key, value]);
  }
  /** The keys with their values. */
  entries(): [Value, Value][] {
    return [...this.#entries.values()];
  }
  /** The keys. */
  keys(): Value[] {
    return this.entries().map(([key]) => key);
  }
  /** The values. */
  values(): Value[] {
    return this.entries().map(([, value]) => value);
  }
}

/** Python's name of a value's type. */
export function typeName(value: Value): string {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "float";
  if (typeof value === "string") return "str";
  if (Array.isArray(value)) return "list";
  if (value instanceof Markup) return "Markup";
  if (value instanceof GroupTuple) return "_GroupTuple";
  if (value instanceof Tuple) return "tuple";
  if (value instanceof Dict) return "dict";
  if (value instanceof Undefined) return "Undefined";
  return value.type;
}

/** The text of a string, safe or not; undefined for other values. */
export function textIn(value: Value): string | undefined {
  return typeof value === "string" ? value : value instanceof Markup ? value.text : undefined;
}

/** The items of a list or a tuple; undefined for other values. */
export function itemsIn(value: Value): readonly Value[] | undefined {
  return Array.isArray(value) ? value : value instanceof Tuple ? value.items : undefined;
}
