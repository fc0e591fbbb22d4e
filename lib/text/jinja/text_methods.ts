/**
 * The methods of strings. Those of a safe string return safe strings and escape their arguments.
 *
 * @module
 */
import { lengthOf } from "./code_points.ts";
import { typeError, valueError } from "./errors.ts";
import { escape } from "./html.ts";
import { checkText } from "./limits.ts";
import { type MethodBody, methods, type MethodTable, unsupported } from "./methods.ts";
import { each, integer, iterate, needText, place, truth } from "./protocol.ts";
import { capitalized, caseFolded, swapped, titleCased } from "./text_case.ts";
import { KINDS } from "./text_kind.ts";
import { justified, type Position, withoutTabs, zeroFilled } from "./text_pad.ts";
import { countIn, findIn, partOf, replaced, type Side, splitText, stripped } from "./text_search.ts";
import { itemsIn, Markup, textIn, Tuple, typeName, type Value } from "./value.ts";
import { splitLines } from "./white_space.ts";

const of = (self: Value): string => textIn(self)!;

/** A string that is safe if its source is. */
const like = (self: Value, text: string): Value => self instanceof Markup ? new Markup(text) : text;

/** A method from string to string. */
const change = (run: (text: string) => string): MethodBody => (self) => {
  const changed = run(of(self));
  checkText(changed.length);
  return like(self, changed);
};

const maybePlace = (value: Value): number | null => {
  if (value === null) return null;
  if (typeof value !== "bigint" && typeof value !== "boolean") {
    throw typeError("slice indices must be integers or None or have an __index__ method");
  }
  return place(BigInt(value));
};

const needStr = (value: Value): string => needText(value, (type) => `must be str, not ${type}`);

const strip = (name: string, side: Side): MethodBody => (self, [cut]) =>
  like(self, stripped(of(self), cut === null ? null : needText(cut, () => `${name} arg must be None or str`), side));

const pad = (position: Position): MethodBody => (self, [width, given]) => {
  const fill = self instanceof Markup
    ? escape(given).text
    : needText(given, (type) => `The fill character must be a unicode character, not ${type}`);
  if (lengthOf(fill) !== 1) throw typeError("The fill character must be exactly one character long");
  return like(self, justified(of(self), place(integer(width)), { fill, position }));
};

const split = (isFromEnd: boolean): MethodBody => (self, [separator, most]) => {
  const at = separator === null ? null : needText(separator, (type) => `must be str or None, not ${type}`);
  if (at === "") throw valueError("empty separator");
  const pieces = splitText(of(self), { at, most: place(integer(most)), isFromEnd });
  return pieces.map((piece) => like(self, piece));
};

const search = (isLast: boolean, isNeeded: boolean): MethodBody => (self, [wanted, from, to]) => {
  const found = findIn(partOf(of(self), maybePlace(from), maybePlace(to)), needStr(wanted), isLast);
  if (found === -1 && isNeeded) throw valueError("substring not found");
  return BigInt(found);
};

const affix = (name: "startswith" | "endswith"): MethodBody => (self, [wanted, from, to]) => {
  const part = partOf(of(self), maybePlace(from), maybePlace(to));
  const isThere = (affix: string): boolean =>
    part.isInside && (name === "startswith" ? part.text.startsWith(affix) : part.text.endsWith(affix));
  if (!(wanted instanceof Tuple)) {
    const message = (type: string) => `${name} first arg must be str or a tuple of str, not ${type}`;
    return isThere(needText(wanted, message));
  }
  const message = (type: string) => `tuple for ${name} must only contain str, not ${type}`;
  return wanted.items.some((affix) => isThere(needText(affix, message)));
};

const partition = (isLast: boolean): MethodBody => (self, [separator]) => {
  const [text, at] = [of(self), needStr(separator)];
  if (at === "") throw valueError("empty separator");
  const found = isLast ? text.lastIndexOf(at) : text.indexOf(at);
  const whole = isLast ? ["", "", text] : [text, "", ""];
  const parts = found === -1 ? whole : [text.slice(0, found), at, text.slice(found + at.length)];
  return new Tuple(parts.map((part) => like(self, part)));
};

const join: MethodBody = (self, [items], runtime) => {
  if (itemsIn(items) === undefined) {
    try {
      iterate(items);
    } catch {
      throw typeError("can only join an iterable");
    }
  }
  const parts: string[] = [];
  let length = 0;
  for (const item of each(items)) {
    const message = (type: string) => `sequence item ${parts.length}: expected str instance, ${type} found`;
    const part = self instanceof Markup ? escape(item).text : needText(item, () => message(typeName(item)));
    runtime.meter.charge(part.length);
    checkText(length += part.length + of(self).length);
    parts.push(part);
  }
  return like(self, parts.join(of(self)));
};

/** The methods of texts. `format` and `format_map`, which look up attributes, are elsewhere. */
export const TEXT_METHODS: MethodTable = new Map([
  ...methods("str", {
    "capitalize()": change(capitalized),
    "casefold()": change(caseFolded),
    "center(width, fillchar=' ', /)": pad("center"),
    "count(sub, start=None, end=None, /)": (self, [wanted, from, to]) =>
      BigInt(countIn(partOf(of(self), maybePlace(from), maybePlace(to)), needStr(wanted))),
    "endswith(suffix, start=None, end=None, /)": affix("endswith"),
    "expandtabs(tabsize=8)": (self, [size]) => like(self, withoutTabs(of(self), place(integer(size)))),
    "find(sub, start=None, end=None, /)": search(false, false),
    "index(sub, start=None, end=None, /)": search(false, true),
    "join(iterable, /)": join,
    "ljust(width, fillchar=' ', /)": pad("left"),
    "lower()": change((text) => text.toLowerCase()),
    "lstrip(chars=None, /)": strip("lstrip", "left"),
    "partition(sep, /)": partition(false),
    "removeprefix(prefix, /)": (self, [prefix]) => {
      const cut = needText(prefix, (type) => `removeprefix() argument must be str, not ${type}`);
      return like(self, of(self).startsWith(cut) ? of(self).slice(cut.length) : of(self));
    },
    "removesuffix(suffix, /)": (self, [suffix]) => {
      const cut = needText(suffix, (type) => `removesuffix() argument must be str, not ${type}`);
      return like(self, cut !== "" && of(self).endsWith(cut) ? of(self).slice(0, -cut.length) : of(self));
    },
    "replace(old, new, count=-1, /)": (self, [old, fresh, count]) => {
      const from = needText(old, (type) => `replace() argument 1 must be str, not ${type}`);
      const to = self instanceof Markup
        ? escape(fresh).text
        : needText(fresh, (type) => `replace() argument 2 must be str, not ${type}`);
      return like(self, replaced(of(self), [from, to, place(integer(count))]));
    },
    "rfind(sub, start=None, end=None, /)": search(true, false),
    "rindex(sub, start=None, end=None, /)": search(true, true),
    "rjust(width, fillchar=' ', /)": pad("right"),
    "rpartition(sep, /)": partition(true),
    "rsplit(sep=None, maxsplit=-1)": split(true),
    "rstrip(chars=None, /)": strip("rstrip", "right"),
    "split(sep=None, maxsplit=-1)": split(false),
    "splitlines(keepends=False)": (self, [keepEnds]) =>
      splitLines(of(self), truth(keepEnds)).map((line) => like(self, line)),
    "startswith(prefix, start=None, end=None, /)": affix("startswith"),
    "strip(chars=None, /)": strip("strip", "both"),
    "swapcase()": change(swapped),
    "title()": change(titleCased),
    "upper()": change((text) => text.toUpperCase()),
    "zfill(width, /)": (self, [width]) => like(self, zeroFilled(of(self), place(integer(width)))),
    ...Object.fromEntries(Object.entries(KINDS).map(([name, is]) => [`${name}()`, (self: Value) => is(of(self))])),
  }),
  ...unsupported("encode", "maketrans", "translate"),
]);
