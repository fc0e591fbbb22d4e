/**
 * String literals of a template.
 *
 * @module
 */
import { TemplateError, UnsupportedError } from "./errors.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
const WIDTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const FORMS: Readonly<Record<string, string>> = { x: "\\xXX", u: "\\uXXXX", U: "\\UXXXXXXXX" };

/**
 * Reads the contents of a string literal; escapes are Python's, and unknown ones are kept verbatim.
 *
 * @throws {TemplateError} If an escape is truncated.
 */
export function stringLiteral(body: string, line: number): string {
  const fail = (message: string) => new TemplateError("TemplateSyntaxError", message, line);
  return body.replace(
    /\\(?:([0-7]{1,3})|([xuU])([0-9a-fA-F]*)|(N)|([\s\S]))/g,
    (whole, octal, kind, digits, named, one) => {
      if (octal) return String.fromCharCode(parseInt(octal, 8));
      if (named) throw new UnsupportedError("a character by its name, \\N{…},");
      if (!kind) return Object.hasOwn(SIMPLE, one) ? SIMPLE[one] : whole;
      const width = WIDTHS[kind];
      if (digits.length < width) throw fail(`truncated ${FORMS[kind]} escape`);
      const code = parseInt(digits.slice(0, width), 16);
      if (code > 0x10ffff) throw fail("illegal Unicode character");
      if (code >= 0xd800 && code < 0xe000) throw new UnsupportedError("half of a pair of UTF-16, such as \\ud83d,");
      return String.fromCodePoint(code) + digits.slice(width);
    },
  );
}
