/**
 * Filters on lists and dictionaries.
 *
 * @module
 */
import { equals, ordered, sorted } from "./compare.ts";
import { TemplateError, typeError, UnsupportedError } from "./errors.ts";
import { type Filter, filter, ignoreCase, plain, reader } from "./filter.ts";
import { checkItems, checkText } from "./limits.ts";
import { operate } from "./operators.ts";
import { each, integer, iterate, listOf, pair, place, reversed, sizeOf, truth } from "./protocol.ts";
import { sliceOf } from "./slices.ts";
import { text } from "./text_form.ts";
import { Dict, GroupTuple, hashOf, Lazy, type Runtime, textIn, typeName, Undefined, type Value } from "./value.ts";

const nothing = (message: string): Undefined => new Undefined(() => message);

/** Reads the sort key, ignoring the case of strings unless it is significant. */
function keyOf(runtime: Runtime, path: Value, { isExact, fallback = null }: { isExact: Value; fallback?: Value }) {
  const read = reader(path, fallback);
  return (value: Value): Value => {
    const key = read(value);
    runtime.meter.charge(textIn(key)?.length);
    return truth(isExact) ? key : ignoreCase(key);
  };
}

function extreme(name: string, order: "<" | ">"): Filter {
  const words = `do_${name}(environment, value, case_sensitive=False, attribute=None)`;
  return filter(words, (runtime, value, isExact, path) => {
    const key = keyOf(runtime, path, { isExact });
    let best: { value: Value; key: Value } | undefined;
    for (const one of each(value)) {
      const next = { value: one, key: key(one) };
      if (!best || ordered(next.key, best.key, order, runtime.meter)) best = next;
    }
    return best ? best.value : nothing("No aggregated item, sequence was empty.");
  });
}

function sort(runtime: Runtime, value: Value, args: { isReversed: Value; isExact: Value; path: Value }): Value {
  const { isReversed, isExact, path } = args;
  const paths = textIn(path)?.split(",") ?? [path];
  const keys = paths.map((path) => keyOf(runtime, path, { isExact }));
  const key = (one: Value) => keys.map((key) => key(one));
  return sorted(listOf(value), { key, isReversed: truth(isReversed), meter: runtime.meter });
}

function groups(runtime: Runtime, value: Value, args: { path: Value; fallback: Value; isExact: Value }): Value {
  const { path, fallback, isExact } = args;
  const key = keyOf(runtime, path, { isExact, fallback });
  const found: { key: Value; values: Value[] }[] = [];
  for (const one of sorted(listOf(value), { key, meter: runtime.meter })) {
    const next = key(one);
    const last = found.at(-1);
    if (last && equals(last.key, next, runtime.meter)) last.values.push(one);
    else found.push({ key: next, values: [one] });
  }
  const own = reader(path, fallback);
  return found.map(({ key, values }) => new GroupTuple([truth(isExact) ? key : own(values[0]), values]));
}

function* unique(runtime: Runtime, value: Value, key: (value: Value) => Value): Generator<Value> {
  const seen = new Set<unknown>();
  for (const one of each(value)) {
    runtime.meter.charge();
    const hash = hashOf(key(one));
    if (!seen.has(hash)) yield one;
    seen.add(hash);
  }
}

/** Columns: `count` lists, the first ones longer if the items do not divide evenly. */
function* columns(value: Value, count: Value, fill: Value): Generator<Value> {
  const all = listOf(value);
  const wanted = place(integer(count));
  if (wanted === 0) throw new TemplateError("ZeroDivisionError", "integer division or modulo by zero");
  checkItems(wanted);
  const size = Math.floor(all.length / wanted);
  const longer = all.length - size * wanted;
  let start = 0;
  for (let column = 0; column < wanted; column++) {
    const end = start + size + (column < longer ? 1 : 0);
    const items = all.slice(start, end);
    if (fill !== null && column >= longer) items.push(fill);
    yield items;
    start = end;
  }
}

/** Rows: lists of `count` items, the last one filled up. */
function* rows(value: Value, count: Value, fill: Value): Generator<Value> {
  let row: Value[] = [];
  for (const one of each(value)) {
    if (equals(BigInt(row.length), count)) {
      yield row;
      row = [];
    }
    row.push(one);
  }
  if (row.length === 0) return;
  if (fill !== null && ordered(BigInt(row.length), count, "<")) {
    checkItems(place(integer(count)));
    while (row.length < place(integer(count))) row.push(fill);
  }
  yield row;
}

function sum(value: Value, path: Value, start: Value): Value {
  if (textIn(start) !== undefined) throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
  const read = reader(path);
  let total = start;
  for (const one of each(value)) total = operate("+", total, read(one));
  return total;
}

function* pairs(value: Value): Generator<Value> {
  if (value instanceof Undefined) return;
  if (!(value instanceof Dict)) throw typeError("Can only get item pairs from a mapping.");
  for (const [key, one] of value.entries()) yield pair(key, one);
}

const length = (name: string): Filter => filter(`${name}(obj, /)`, (_, value) => BigInt(sizeOf(value)));

/** Filters on lists and dictionaries, by name. */
export const LIST_FILTERS: Readonly<Record<string, Filter>> = {
  batch: filter(
    "do_batch(value, linecount, fill_with=None)",
    (_, value, count, fill) => new Lazy(rows(value, count, fill)),
  ),
  count: length("len"),
  length: length("len"),
  dictsort: filter(
    "do_dictsort(value, case_sensitive=False, by='key', reverse=False)",
    ({ meter }, value, isExact, by, isReversed) => {
      const at = { key: 0, value: 1 }[textIn(by) ?? ""];
      if (at === undefined) {
        throw new TemplateError("FilterArgumentError", 'You can only sort by either "key" or "value"');
      }
      if (value instanceof Undefined) throw new TemplateError(value.kind, value.message());
      if (!(value instanceof Dict)) {
        throw new TemplateError("AttributeError", `'${typeName(value)}' object has no attribute 'items'`);
      }
      const key = (entry: Value) => {
        const own = (entry as GroupTuple).items[at];
        return truth(isExact) ? own : ignoreCase(own);
      };
      const pairs = value.entries().map(([key, one]) => pair(key, one));
      return sorted(pairs, { key, isReversed: truth(isReversed), meter });
    },
  ),
  first: filter("sync_do_first(environment, seq)", (_, value) => {
    const { done, value: first } = iterate(value).next();
    return done ? nothing("No first item, sequence was empty.") : first;
  }),
  last: filter("do_last(environment, seq)", (_, value) => {
    const { done, value: last } = reversed(value).next();
    return done ? nothing("No last item, sequence was empty.") : last;
  }),
  groupby: filter(
    "sync_do_groupby(environment, value, attribute, default=None, case_sensitive=False)",
    (runtime, value, path, fallback, isExact) => groups(runtime, value, { path, fallback, isExact }),
  ),
  items: plain("do_items", (value) => new Lazy(pairs(value))),
  join: filter("sync_do_join(eval_ctx, value, d='', attribute=None)", (runtime, value, between, path) => {
    const [read, joint] = [reader(path), text(between)];
    const parts: string[] = [];
    let size = 0;
    for (const one of each(value)) {
      const part = text(read(one));
      runtime.meter.charge(part.length);
      checkText(size += part.length + joint.length);
      parts.push(part);
    }
    return parts.join(joint);
  }),
  list: plain("sync_do_list", listOf),
  max: extreme("max", ">"),
  min: extreme("min", "<"),
  random: () => {
    throw new UnsupportedError("the filter random");
  },
  reverse: plain("do_reverse", (value) => {
    const own = textIn(value);
    if (own !== undefined) return sliceOf(value, { start: null, stop: null, step: -1n });
    const isReversible = Array.isArray(value) || !(value instanceof Lazy);
    if (!isReversible) return listOf(value).reverse();
    try {
      return new Lazy(reversed(value), Array.isArray(value) ? "list_reverseiterator" : "reversed");
    } catch (error) {
      if (!(error instanceof TemplateError && error.kind === "TypeError")) throw error;
      throw new TemplateError("FilterArgumentError", "argument must be iterable");
    }
  }),
  slice: filter(
    "sync_do_slice(value, slices, fill_with=None)",
    (_, value, count, fill) => new Lazy(columns(value, count, fill)),
  ),
  sort: filter(
    "do_sort(environment, value, reverse=False, case_sensitive=False, attribute=None)",
    (runtime, value, isReversed, isExact, path) => sort(runtime, value, { isReversed, isExact, path }),
  ),
  sum: filter(
    "sync_do_sum(environment, iterable, attribute=None, start=0)",
    (_, value, path, start) => sum(value, path, start),
  ),
  unique: filter(
    "sync_do_unique(environment, value, case_sensitive=False, attribute=None)",
    (runtime, value, isExact, path) => new Lazy(unique(runtime, value, keyOf(runtime, path, { isExact }))),
  ),
};
