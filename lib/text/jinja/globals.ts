/**
 * The global functions of Jinja's sandbox and transformers.
 *
 * @module
 */
import { Cycler, Joiner } from "./cycler.ts";
import { TemplateError, typeError, UnsupportedError, valueError } from "./errors.ts";
import { MAX_RANGE } from "./limits.ts";
import { NamespaceValue } from "./namespace_value.ts";
import { each, integer, needText } from "./protocol.ts";
import { layout } from "./signature.ts";
import { strftime } from "./strftime.ts";
import { text } from "./text_form.ts";
import { Range } from "./range.ts";
import { type Arguments, Callable, type CallableOptions, Dict, type Runtime, type Value } from "./value.ts";

function range({ positional, named }: Arguments): Range {
  if (named.size > 0) throw typeError("range() takes no keyword arguments");
  if (positional.length < 1) throw typeError("range expected at least 1 argument, got 0");
  if (positional.length > 3) throw typeError(`range expected at most 3 arguments, got ${positional.length}`);
  const [first, second, step = 1n] = positional.map(integer);
  if (step === 0n) throw valueError("range() arg 3 must not be zero");
  const all = second === undefined ? new Range(0n, first, step) : new Range(first, second, step);
  if (all.size() > MAX_RANGE) {
    throw new TemplateError(
      "OverflowError",
      `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`,
    );
  }
  return all;
}

/** Python's `dict(pairs, name=value)`. */
function dict({ positional, named }: Arguments): Dict {
  if (positional.length > 1) throw typeError(`dict expected at most 1 argument, got ${positional.length}`);
  const [given] = positional;
  const entries = given === undefined ? [] : given instanceof Dict ? given.entries() : pairsIn(given);
  return new Dict([...entries, ...named]);
}

function pairsIn(value: Value): [Value, Value][] {
  return [...each(value)].map((entry, index) => {
    let parts: Value[];
    try {
      parts = [...each(entry)];
    } catch {
      throw typeError(`cannot convert dictionary update sequence element #${index} to a sequence`);
    }
    if (parts.length !== 2) {
      throw valueError(`dictionary update sequence element #${index} has length ${parts.length}; 2 is required`);
    }
    return [parts[0], parts[1]];
  });
}

class DictMaker extends Callable {
  override readonly type: string = "TemplateDict";
  override readonly module: string = "transformers.utils.chat_template_utils";
  override attribute(name: string): Value | undefined {
    if (name !== "fromkeys") return undefined;
    const lay = layout("dict.fromkeys(iterable, value=None, /)");
    return new Callable((args) => {
      const [keys, value] = lay(args);
      return new Dict([...each(keys)].map((key) => [key, value]));
    });
  }
}

/** transformers' definition. */
const SETUP = "transformers.utils.chat_template_utils._cached_compile_jinja_template.<locals>.";

const classOf = (name: string): CallableOptions => ({ type: "type", printed: `<class '${name}'>` });

const separator = layout("Joiner.__init__(sep=', ')");
const raise = layout("_cached_compile_jinja_template.<locals>.raise_exception(message)");
const format = layout("_cached_compile_jinja_template.<locals>.strftime_now(format)");

function now(args: Arguments, { now }: Runtime): Value {
  const [wanted] = format(args);
  return strftime(now!, needText(wanted, (type) => `strftime() argument 1 must be str, not ${type}`));
}

/** The functions by name; `strftime_now` if there is a time. */
export function globals(hasTime: boolean): Map<string, Value> {
  const all: Record<string, Value> = {
    cycler: new Callable(({ positional }) => new Cycler(positional), classOf("jinja2.utils.Cycler")),
    dict: new DictMaker(dict),
    joiner: new Callable((args) => new Joiner(separator(args)[0]), classOf("jinja2.utils.Joiner")),
    lipsum: new Callable(() => {
      throw new UnsupportedError("the function lipsum");
    }),
    namespace: new Callable((args) => new NamespaceValue(dict(args)), classOf(`${SETUP}TemplateNamespace`)),
    raise_exception: new Callable((args) => {
      const [message] = raise(args);
      throw new TemplateError("TemplateError", text(message));
    }, { type: "function" }),
    range: new Callable(range, { type: "function" }),
  };
  if (hasTime) all.strftime_now = new Callable(now, { type: "function" });
  return new Map(Object.entries(all));
}
