import { compile } from "../../../lib/text/jinja/template.ts";
import { assertEquals } from "../../support/mod.ts";
import { testWithPython } from "../../support/python.ts";
import { rendered } from "./reference.ts";

const KINDS = "alnum alpha ascii decimal digit identifier lower numeric printable space title upper".split(" ");

/** A line a character: each method that depends on what a character is. */
const TEMPLATE =
  "{% for c in characters %}{{ [c, c.upper(), c.lower(), c.title(), c.capitalize(), c.casefold(), c.swapcase(), " +
  "('a' ~ c).title(), (c ~ 'a').title(), c|title, c|tojson, c|urlencode, c|wordcount, c|int(7), c|float(7), c|trim|length, " +
  "('x' ~ c ~ 'x').split()|length, ('x' ~ c ~ 'x').splitlines()|length, " +
  `${KINDS.map((kind) => `c.is${kind}()`).join(", ")}] }}\n{% endfor %}`;

/** Letters that have a case since Unicode 15 and 16, which Python 3.11 does not know. */
const NEWER = new Set("ƛɤჼꟲꟳꟴꭩ");

/** Every character of Unicode 14, but of the ideographs and syllables that are alike by the thousand only some. */
function characters(): string[] {
  const known = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\p{Cc}\p{Cf}]$/u;
  const isAlike = (code: number) =>
    (code >= 0x3400 && code < 0xa000) || (code >= 0xac00 && code < 0xd7a4) || code >= 0x13000;
  return Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => (code < 0xd800 || code >= 0xe000) && (!isAlike(code) || code % 7 === 0))
    .map((code) => String.fromCodePoint(code))
    .filter((character) => known.test(character) && !NEWER.has(character));
}

testWithPython(
  ["transformers", "jinja2"],
  "compile() knows what every character is as Python does: its cases, kind, width in escapes, worth as a digit",
  async (t) => {
    const all = characters();
    const [{ text }] = await rendered([TEMPLATE], { characters: all });
    const expected = text!.split("\n").filter((line) => line !== "");
    const template = compile(TEMPLATE);
    let compared = 0;
    for (let start = 0; start < all.length; start += 1000) {
      const part = all.slice(start, start + 1000);
      const got = template(new Map([["characters", part]])).split("\n");
      for (const [index, character] of part.entries()) {
        // What Python 3.11 does not know is written out as an escape there.
        const line = expected[start + index];
        if (/^\['\\[uU]/.test(line) && !/^\['\\[uU]/.test(got[index])) continue;
        assertEquals(got[index], line, `U+${character.codePointAt(0)!.toString(16)}`);
        compared++;
      }
    }
    await t.step(`${compared} characters`, () => assertEquals(compared > 40_000, true));
  },
);
