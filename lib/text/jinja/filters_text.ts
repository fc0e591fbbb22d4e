/**
 * Filters on strings.
 *
 * @module
 */
import { characters, lengthOf } from "./code_points.ts";
import { TemplateError, typeError } from "./errors.ts";
import { type Filter, filter, plain } from "./filter.ts";
import { checkText } from "./limits.ts";
import { operate } from "./operators.ts";
import { percentFormat } from "./percent_format.ts";
import { checkDefined, integer, place, sizeOf, truth } from "./protocol.ts";
import { sliceOf } from "./slices.ts";
import { softText, text } from "./text_form.ts";
import { TEXT_METHODS } from "./text_methods.ts";
import { replaced } from "./text_search.ts";
import { Dict, Markup, textIn, Tuple, typeName, type Value } from "./value.ts";
import { SPACE, splitLines } from "./white_space.ts";
import { wrapLines } from "./word_wrap.ts";

/** A filter that is a method of the value's string. */
function byMethod(words: string, name: string): Filter {
  const entry = TEXT_METHODS.get(name) as { method: (self: Value, args: never, runtime: never) => Value };
  return filter(
    words,
    (runtime, value, ...args) =>
      entry.method(softText(value), { positional: args, named: new Map() } as never, runtime as never),
  );
}

/** Words start after white space, hyphens and brackets. */
const BEGINNINGS = new RegExp(`([-${SPACE}({\\[<]+)`);

function title(value: string): string {
  return value.split(BEGINNINGS).map((part) => {
    const [first = "", ...rest] = characters(part);
    return first.toUpperCase() + rest.join("").toLowerCase();
  }).join("");
}

function indent(value: Value, [width, isFirst, isBlank]: [Value, Value, Value]): Value {
  const own = textIn(value);
  checkDefined(value);
  if (Array.isArray(value)) throw noLines(value);
  if (value instanceof Tuple) throw typeError('can only concatenate tuple (not "str") to tuple');
  if (own === undefined) throw typeError(`unsupported operand type(s) for +=: '${typeName(value)}' and 'str'`);
  const indention = textIn(width) ?? (operate("*", " ", width) as string);
  const lines = splitLines(`${own}\n`);
  checkText(own.length + lines.length * indention.length);
  const [head, ...rest] = lines;
  const all = truth(isBlank)
    ? lines.join(`\n${indention}`)
    : [head, ...rest.map((line) => line ? indention + line : line)].join("\n");
  const done = truth(isFirst) ? indention + all : all;
  return value instanceof Markup ? new Markup(done) : done;
}

const noLines = (value: Value): TemplateError =>
  new TemplateError("AttributeError", `'${typeName(value)}' object has no attribute 'splitlines'`);

const assertion = (message: string): TemplateError => new TemplateError("AssertionError", message);

function truncate(value: Value, args: { length: Value; isHard: Value; end: Value; leeway: Value }): Value {
  const { length, isHard, end, leeway } = args;
  const most = place(integer(length));
  const slack = leeway === null ? 5 : place(integer(leeway));
  const ending = sizeOf(end);
  if (most < ending) throw assertion(`expected length >= ${ending}, got ${text(length)}`);
  if (slack < 0) throw assertion(`expected leeway >= 0, got ${text(leeway)}`);
  if (sizeOf(value) <= most + slack) return value;
  const cut = sliceOf(value, { start: null, stop: BigInt(most - ending), step: null });
  const own = textIn(cut);
  if (truth(isHard) || own === undefined) return operate("+", cut, end);
  const space = own.lastIndexOf(" ");
  const kept = space === -1 ? own : own.slice(0, space);
  return operate("+", cut instanceof Markup ? new Markup(kept) : kept, end);
}

/** Filters on strings, by name. */
export const TEXT_FILTERS: Readonly<Record<string, Filter>> = {
  capitalize: byMethod("do_capitalize(s)", "capitalize"),
  center: byMethod("do_center(value, width=80)", "center"),
  lower: byMethod("do_lower(s)", "lower"),
  trim: byMethod("do_trim(value, chars=None)", "strip"),
  upper: byMethod("do_upper(s)", "upper"),
  title: plain("do_title", (value) => title(text(value))),
  string: plain("soft_str", softText),
  wordcount: plain("do_wordcount", (value) => BigInt(text(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
  replace: filter("do_replace(eval_ctx, s, old, new, count=None)", (_, value, old, fresh, count) => {
    const most = count === null ? -1 : place(integer(count));
    return replaced(text(value), [text(old), text(fresh), most]);
  }),
  format: (_, value, { positional, named }) => {
    if (positional.length > 0 && named.size > 0) {
      throw new TemplateError(
        "FilterArgumentError",
        "can't handle positional and keyword arguments at the same time",
      );
    }
    return percentFormat(softText(value), named.size > 0 ? new Dict(named) : new Tuple(positional));
  },
  indent: filter(
    "do_indent(s, width=4, first=False, blank=False)",
    (_, value, width, first, blank) => indent(value, [width, first, blank]),
  ),
  truncate: filter(
    "do_truncate(env, s, length=255, killwords=False, end='...', leeway=None)",
    (_, value, length, isHard, end, leeway) => truncate(value, { length, isHard, end, leeway }),
  ),
  wordwrap: filter(
    "do_wordwrap(environment, s, width=79, break_long_words=True, wrapstring=None, break_on_hyphens=True)",
    (runtime, value, width, breaksWords, between, breaksHyphens) => {
      const own = textIn(value);
      checkDefined(value);
      if (own === undefined) throw noLines(value);
      const joint = between === null ? "\n" : text(between);
      const options = {
        width: place(integer(width)),
        breaksWords: truth(breaksWords),
        breaksHyphens: truth(breaksHyphens),
      };
      runtime.meter.charge(own.length * 8);
      const lines = splitLines(own).map((line) => wrapLines(line, options).join(joint));
      checkText(lengthOf(own) * (1 + joint.length));
      return lines.join(joint);
    },
  ),
};
