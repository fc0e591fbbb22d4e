/**
 * Filters for HTML and addresses.
 *
 * @module
 */
import { TemplateError, typeError, valueError } from "./errors.ts";
import { type Filter, filter, plain } from "./filter.ts";
import { escape, stripTags } from "./html.ts";
import { checkText } from "./limits.ts";
import { each, integer, place, truth } from "./protocol.ts";
import { repr, text } from "./text_form.ts";
import { Dict, Instance, itemsIn, Markup, textIn, typeName, Undefined, type Value } from "./value.ts";
import { linked, type LinkOptions } from "./links.ts";
import { splitSpace } from "./white_space.ts";

function quotedForUrl(value: Value, isQuery: boolean): string {
  const own = text(value);
  if (!own.isWellFormed()) throw valueError("'utf-8' codec can't encode surrogates: surrogates not allowed");
  const form = encodeURIComponent(own).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  return isQuery ? form.replaceAll("%20", "+") : form.replaceAll("%2F", "/");
}

/** Whether a value that is no string can be iterated over. */
const hasItems = (value: Value): boolean =>
  value instanceof Dict || value instanceof Undefined || itemsIn(value) !== undefined ||
  (value instanceof Instance && value.iterate !== undefined);

function urlEncoded(value: Value): string {
  if (textIn(value) !== undefined || !hasItems(value)) return quotedForUrl(value, false);
  const pairs = value instanceof Dict ? value.entries() : [...each(value)].map((entry): [Value, Value] => {
    if (textIn(entry) === undefined && !hasItems(entry)) {
      throw typeError(`cannot unpack non-iterable ${typeName(entry)} object`);
    }
    const parts = [...each(entry)];
    if (parts.length !== 2) {
      throw valueError(
        parts.length < 2
          ? `not enough values to unpack (expected 2, got ${parts.length})`
          : "too many values to unpack (expected 2)",
      );
    }
    return [parts[0], parts[1]];
  });
  return pairs.map(([key, one]) => `${quotedForUrl(key, true)}=${quotedForUrl(one, true)}`).join("&");
}

function attributes(value: Value, hasSpace: boolean): string {
  if (value instanceof Undefined) throw new TemplateError(value.kind, value.message());
  if (!(value instanceof Dict)) {
    throw new TemplateError("AttributeError", `'${typeName(value)}' object has no attribute 'items'`);
  }
  const given = value.entries().filter(([, one]) => one !== null && !(one instanceof Undefined));
  const list = given.map(([key, one]) => {
    const name = textIn(key);
    if (name === undefined) throw typeError(`expected string or bytes-like object, got '${typeName(key)}'`);
    if (/[ \t\n\r\f\v/>=]/.test(name)) throw valueError(`Invalid character in attribute name: ${repr(key)}`);
    return `${escape(key).text}="${escape(one).text}"`;
  });
  const joined = list.join(" ");
  return hasSpace && joined !== "" ? ` ${joined}` : joined;
}

function urlized(value: Value, [limit, isUnfollowed, target, relation, schemes]: Value[]): string {
  const extra = schemes === null ? [] : [...each(schemes)].map((scheme) => {
    const own = textIn(scheme);
    if (own === undefined || !/^([\p{L}\p{N}_.+-]{2,}:(\/){0,2})$/u.test(own)) {
      throw new TemplateError("FilterArgumentError", `${repr(scheme)} is not a valid URI scheme prefix.`);
    }
    return own;
  });
  const relations = new Set([...splitSpace(truth(relation) ? text(relation) : ""), "noopener"]);
  if (truth(isUnfollowed)) relations.add("nofollow");
  const options: LinkOptions = {
    limit: limit === null ? undefined : place(integer(limit)),
    attributes: ` rel="${escape([...relations].sort().join(" ")).text}"` +
      (truth(target) ? ` target="${escape(target).text}"` : ""),
    schemes: extra,
  };
  const done = linked(escape(value).text, options);
  checkText(done.length);
  return done;
}

/** Filters for HTML and addresses, by name. */
export const HTML_FILTERS: Readonly<Record<string, Filter>> = {
  e: plain("escape", escape),
  escape: plain("escape", escape),
  forceescape: plain("do_forceescape", (value) => escape(text(value))),
  safe: plain("do_mark_safe", (value) => new Markup(text(value))),
  striptags: plain("do_striptags", (value) => stripTags(text(value))),
  urlencode: plain("do_urlencode", urlEncoded),
  urlize: filter(
    "do_urlize(eval_ctx, value, trim_url_limit=None, nofollow=False, target=None, rel=None, extra_schemes=None)",
    (_, value, ...args) => urlized(value, args),
  ),
  xmlattr: filter(
    "do_xmlattr(eval_ctx, d, autospace=True)",
    (_, value, hasSpace) => attributes(value, truth(hasSpace)),
  ),
};
