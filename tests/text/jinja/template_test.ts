import { valueFrom } from "../../../lib/text/jinja/data.ts";
import { compile } from "../../../lib/text/jinja/template.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { testWithPython } from "../../support/python.ts";
import { EXPRESSIONS, VARIABLES } from "./expressions.ts";
import { expression, seeded, template } from "./fuzz.ts";
import { type Answer, NOW, rendered } from "./reference.ts";
import { STATEMENTS } from "./statements.ts";

const variables = new Map(Object.entries(VARIABLES).map(([name, value]) => [name, valueFrom(value, name)]));

function ours(source: string): Answer {
  try {
    return { text: compile(source)(variables, { now: NOW }) };
  } catch (error) {
    const { name, message } = error as Error;
    return { error: name, message };
  }
}

/** Python's words without the place in the program that Jinja compiles to. */
const bare = (message: string): string =>
  message.replace(/ \(<template>, line \d+\)$/, "").replace(" while calling a Python object", "");

/** What is refused here by name. */
const REFUSED =
  /^(printing a value of type '\w+', for which Python prints an address,|str\.encode\(\)|the filter random|the function lipsum|the tag autoescape|a character by its name, \\N\{…\},) is not supported here$/;

/** What is refused in other words, though by the same error. */
const OTHER_WORDS = new Set([
  "{{ '{x!}'.format(x=1) }}",
  "{{ name.find() }}",
  "{{ numbers|slice('a')|list }}",
  "{% macro m(a, a) %}{% endmacro %}{{ m(1, 2) }}",
]);

testWithPython(
  ["transformers", "jinja2"],
  "compile() renders every construct as Python's Jinja2 does, and fails with the same error in the same words",
  async (t) => {
    const sources = [...EXPRESSIONS.map((one) => `{{ ${one} }}`), ...STATEMENTS];
    const expected = await rendered(sources, VARIABLES);
    const counts = { texts: 0, errors: 0, refused: 0 };
    for (const [index, source] of sources.entries()) {
      const [got, { text, error, message }] = [ours(source), expected[index]];
      if (got.error === "UnsupportedError") {
        assert(REFUSED.test(got.message!), `${source}: ${got.message}`);
        counts.refused++;
      } else if (text !== undefined) {
        assertEquals(got, { text }, source);
        counts.texts++;
      } else {
        const words = OTHER_WORDS.has(source) ? got.message : bare(message!);
        assertEquals(got, { error, message: words }, source);
        counts.errors++;
      }
    }
    const { texts, errors, refused } = counts;
    await t.step(`${sources.length} templates: ${texts} texts, ${errors} errors, ${refused} refused by name`, () => {
      assert(texts > 1500 && errors > 300 && refused < 30);
    });
  },
);

testWithPython(
  ["transformers", "jinja2"],
  "compile() renders expressions and templates made by chance as Python's Jinja2 does",
  async (t) => {
    const random = seeded(Number(Deno.env.get("AMID_FUZZ_SEED") ?? 19));
    const count = Number(Deno.env.get("AMID_FUZZ_COUNT") ?? 1500);
    const sources = [
      ...Array.from({ length: count }, () => `{{ ${expression(random, 3)} }}`),
      ...Array.from({ length: count }, () => template(random, 2)),
    ];
    const expected = await rendered(sources, VARIABLES);
    const counts = { texts: 0, errors: 0, refused: 0 };
    for (const [index, source] of sources.entries()) {
      const [got, { text, error }] = [ours(source), expected[index]];
      if (got.error === "UnsupportedError" || got.error === "LimitError") counts.refused++;
      else if (text !== undefined) {
        assertEquals(got, { text }, source);
        counts.texts++;
      } else {
        assertEquals(got.error, error, `${source}: ${got.text ?? got.message}`);
        counts.errors++;
      }
    }
    const { texts, errors, refused } = counts;
    await t.step(`${sources.length} templates: ${texts} texts, ${errors} errors, ${refused} refused by name`, () => {
      assert(texts > 0.3 * sources.length && refused < 0.01 * sources.length);
    });
  },
);
