/**
 * `"{} of {name}".format(…)`: Python's format strings, in the sandbox's form.
 *
 * @module
 */
import { attribute, item } from "./attributes.ts";
import { TemplateError, typeError, valueError } from "./errors.ts";
import { formatValue } from "./format_spec.ts";
import { escape } from "./html.ts";
import { checkText } from "./limits.ts";
import { repr, text } from "./text_form.ts";
import { type Arguments, Dict, Markup, type Runtime, type Value } from "./value.ts";

/** Options for {@linkcode formatMethod}. */
export interface FormatMethodOptions {
  /** Which of the two methods. */
  name: string;
  /** The arguments. */
  args: Arguments;
  /** The environment. */
  runtime: Runtime;
}

/** `str.format` and `str.format_map`. */
export function formatMethod(self: string | Markup, { name, args, runtime }: FormatMethodOptions): Value {
  if (name === "format") return fill(self, args, runtime);
  if (args.named.size > 0) throw typeError("format_map() takes no keyword arguments");
  if (args.positional.length !== 1) {
    throw typeError(`format_map() takes exactly one argument (${args.positional.length} given)`);
  }
  const [map] = args.positional;
  const named = new Map(map instanceof Dict ? map.entries().map(([key, value]) => [text(key), value]) : []);
  return fill(self, { positional: [], named }, runtime);
}

function fill(self: string | Markup, args: Arguments, runtime: Runtime): Value {
  const isSafe = self instanceof Markup;
  const counter = { next: 0 as number | undefined };
  const formatted = expand(isSafe ? self.text : self, { args, runtime, isSafe, counter, depth: 2 });
  return isSafe ? new Markup(formatted) : formatted;
}

interface Filling {
  args: Arguments;
  runtime: Runtime;
  isSafe: boolean;
  /** The number of the next field without a name; undefined once a field has a number. */
  counter: { next: number | undefined };
  /** The maximum nesting of fields in specifications. */
  depth: number;
}

function expand(format: string, filling: Filling): string {
  if (filling.depth < 0) throw valueError("Max string recursion exceeded");
  let [done, position] = ["", 0];
  while (position < format.length) {
    const found = format.slice(position).search(/[{}]/);
    if (found === -1) return done + format.slice(position);
    const at = position + found;
    done += format.slice(position, at);
    const mark = format[at];
    if (format[at + 1] === mark) {
      done += mark;
      position = at + 2;
      continue;
    }
    if (mark === "}") throw valueError("Single '}' encountered in format string");
    const end = endOfField(format, at + 1);
    const value = field(format.slice(at + 1, end), filling);
    filling.runtime.meter.charge(value.length);
    checkText(done.length + value.length);
    done += value;
    position = end + 1;
  }
  return done;
}

function endOfField(format: string, start: number): number {
  if (start >= format.length) throw valueError("Single '{' encountered in format string");
  let [depth, isInBrackets] = [1, false];
  for (let at = start; at < format.length; at++) {
    if (format[at] === "[" && depth === 1) isInBrackets = true;
    else if (format[at] === "]") isInBrackets = false;
    else if (format[at] === "{" && !isInBrackets) depth++;
    else if (format[at] === "}" && !isInBrackets && --depth === 0) return at;
  }
  throw valueError("expected '}' before end of string");
}

function field(source: string, filling: Filling): string {
  const [, path, conversion, spec = ""] = source.match(/^((?:\[[^\]]*\]|[^!:[])*)(?:!([^:]*))?(?::([\s\S]*))?$/) ?? [];
  if (path === undefined) throw valueError("expected '}' before end of string");
  if (conversion !== undefined && conversion.length !== 1) {
    throw valueError(
      conversion === ""
        ? "end of string while looking for conversion specifier"
        : "expected ':' after conversion specifier",
    );
  }
  const value = converted(reach(path, filling), conversion);
  const form = expand(spec, { ...filling, depth: filling.depth - 1 });
  if (!filling.isSafe) return formatValue(value, form);
  if (value instanceof Markup && form) {
    throw valueError(
      `Format specifier ${form} given, but <class 'markupsafe.Markup'> does not define __html_format__.`,
    );
  }
  return value instanceof Markup ? value.text : escape(formatValue(value, form)).text;
}

function converted(value: Value, conversion: string | undefined): Value {
  if (conversion === undefined) return value;
  if (conversion === "s") return text(value);
  if (conversion === "r") return repr(value);
  if (conversion === "a") return repr(value).replace(/\P{ASCII}/gu, escapedForm);
  throw valueError(`Unknown conversion specifier ${conversion}`);
}

const escapedForm = (character: string): string => {
  const hex = character.codePointAt(0)!.toString(16);
  return hex.length <= 2 ? `\\x${hex}` : hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
};

/** Follows a path such as `0.name[key]` to a value. */
function reach(path: string, { args, counter }: Filling): Value {
  const [, first, rest] = path.match(/^([^.[]*)([\s\S]*)$/)!;
  let value = start(first, { args, counter });
  for (let left = rest; left !== "";) {
    const match = left.match(/^(?:\.([^.[]+)|\[([^\]]+)\])([\s\S]*)$/);
    if (!match) {
      throw valueError(
        /^\.|^\[\]/.test(left)
          ? "Empty attribute in format string"
          : "Only '.' or '[' may follow ']' in format field specifier",
      );
    }
    const [, name, key, after] = match;
    value = name === undefined ? item(value, /^\d+$/.test(key) ? BigInt(key) : key) : attribute(value, name);
    left = after;
  }
  return value;
}

function start(name: string, { args, counter }: Pick<Filling, "args" | "counter">): Value {
  let index: number | undefined;
  if (name === "") {
    if (counter.next === undefined) {
      throw valueError("cannot switch from manual field specification to automatic field numbering");
    }
    index = counter.next++;
  } else if (/^\d+$/.test(name)) {
    if (counter.next) throw valueError("cannot switch from manual field specification to automatic field numbering");
    counter.next = undefined;
    index = Number(name);
  }
  if (index === undefined) {
    const value = args.named.get(name);
    if (value === undefined) throw new TemplateError("KeyError", repr(name));
    return value;
  }
  if (index >= args.positional.length) {
    throw new TemplateError("IndexError", "tuple index out of range");
  }
  return args.positional[index];
}
