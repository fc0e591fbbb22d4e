/**
 * Text for HTML: escaping, and removing tags and entities.
 *
 * @module
 */
import { UnsupportedError } from "./errors.ts";
import { checkText } from "./limits.ts";
import { text } from "./text_form.ts";
import { Markup, type Value } from "./value.ts";
import { splitSpace } from "./white_space.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  ">": "&gt;",
  "<": "&lt;",
  "'": "&#39;",
  '"': "&#34;",
};

/** Escapes a value, unless it is safe. */
export function escape(value: Value): Markup {
  if (value instanceof Markup) return value;
  const escaped = text(value).replace(/[&<>'"]/g, (character) => ENTITIES[character]);
  checkText(escaped.length);
  return new Markup(escaped);
}

/** Removes tags and comments, collapses white space, and replaces entities by characters. */
export function stripTags(value: string): string {
  const parts: string[] = [];
  let position = 0;
  for (let start = value.indexOf("<"); start !== -1; start = value.indexOf("<", position)) {
    const isComment = value.startsWith("<!--", start);
    const end = isComment ? value.indexOf("-->", start + 4) : value.indexOf(">", start);
    if (end === -1) break;
    parts.push(value.slice(position, start));
    position = end + (isComment ? 3 : 1);
  }
  return unescape(splitSpace(parts.join("") + value.slice(position)).join(" "));
}

/** The common named entities; HTML has two thousand, and others are refused. */
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  reg: "®",
  laquo: "«",
  raquo: "»",
  hellip: "…",
  ndash: "–",
  mdash: "—",
  lsquo: "‘",
  rsquo: "’",
  ldquo: "“",
  rdquo: "”",
  bull: "•",
  middot: "·",
  times: "×",
  deg: "°",
  euro: "€",
  trade: "™",
};

/** Replaces entities by characters. */
export function unescape(value: string): string {
  return value.replace(/&(#\d+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z][A-Za-z0-9]*;)/g, (whole, body: string) => {
    if (body.startsWith("#")) {
      const digits = body.replace(/[#;]/g, "");
      const code = /^x/i.test(digits) ? parseInt(digits.slice(1), 16) : parseInt(digits, 10);
      if (code === 0 || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return "\ufffd";
      if (code < 32 && ![9, 10, 13].includes(code) || (code >= 127 && code < 160)) {
        throw new UnsupportedError(`the entity "${whole}"`);
      }
      return String.fromCodePoint(code);
    }
    const name = body.slice(0, -1);
    if (!Object.hasOwn(NAMED, name)) throw new UnsupportedError(`the entity "${whole}"`);
    return NAMED[name];
  });
}
