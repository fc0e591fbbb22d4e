/** JSON for chat templates, beside Python's reading of the same text. */
import { chatTemplate } from "../../lib/text/chat_template.ts";
import type { ChatMessage } from "../../lib/text/chat_message.ts";
import { parseTemplateData } from "../../lib/text/template_data.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";
import { seeded } from "./jinja/fuzz.ts";

const NUMBERS =
  "0 1 -0 -0.0 0.0 1.0 -1.0 1e0 2E3 1e20 1E+20 1e-7 0.1 1e15 1e16 123456789.0 9007199254740991 9007199254740992 " +
  "9007199254740993 -9007199254740993 100000000000000000000 1234567890123456789012345678901234567890 12345678901234567.5 " +
  "0.30000000000000004 5e-324 1.7976931348623157e308 0e5 0.000 1e2 100 2.50 3.14";

const KEYS = [
  '"b"',
  '"2"',
  '"1"',
  '"01"',
  '"a"',
  '"10"',
  '""',
  '"-1"',
  '"1.0"',
  '"__proto__"',
  '"constructor"',
  '"\\u0041"',
  '"é😀"',
];

/** A JSON text by chance, in which keys may be duplicated. */
function jsonText(random: (below: number) => number, depth: number): string {
  const pick = (list: readonly string[]) => list[random(list.length)];
  const space = () => pick(["", "", " ", "\n\t"]);
  const inside = () => space() + jsonText(random, depth - 1) + space();
  const kind = depth === 0 ? random(3) : random(6);
  if (kind === 0) return pick(NUMBERS.split(" "));
  if (kind === 1) {
    return pick([
      "true",
      "false",
      "null",
      '""',
      '"a, b: [c] {d}"',
      '"it\'s \\"q\\" \\\\"',
      '"\\n\\u00e9\\ud83d\\ude00"',
    ]);
  }
  if (kind === 2) return pick(NUMBERS.split(" "));
  if (kind === 3) return `[${Array.from({ length: random(4) }, inside).join(",")}]`;
  return `{${Array.from({ length: random(5) }, () => `${space()}${pick(KEYS)}${space()}:${inside()}`).join(",")}}`;
}

testWithPython(
  ["transformers", "jinja2"],
  "parseTemplateData() has a template print numbers and keys as Python does, whatever the JSON",
  async (t) => {
    const random = seeded(19);
    const texts = [
      ...NUMBERS.split(" "),
      `[${NUMBERS.replaceAll(" ", ", ")}]`,
      '\n{"b": 1, "2": [1.0, {"1": 1e20, "0": -0.0}], "1": "x", "b": 3.0}\n',
      ...Array.from({ length: 1500 }, () => jsonText(random, 4)),
    ];
    const source = "{{ x }}|{{ x | tojson }}|{{ x | tojson(indent=1, ensure_ascii=true) }}|{{ x | string | length }}";
    const program = `
import json, sys
import transformers.utils.chat_template_utils as utils
given = json.load(open(sys.argv[1]))
template = utils._compile_jinja_template(given["source"])
print(json.dumps([template.render(x=json.loads(text)) for text in given["texts"]]))`;
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, JSON.stringify({ source, texts }));
    const expected: string[] = JSON.parse(await python(program, [file]));
    await Deno.remove(file);
    const { render } = chatTemplate(source, { name: "x", tokens: {} });
    for (const [index, text] of texts.entries()) {
      const x = parseTemplateData(text, { name: "x" });
      assertEquals(render([], { variables: { x } }), expected[index], text);
    }
    await t.step(`${texts.length} texts`, () => assert(expected.some((text) => text.includes("'2': "))));
  },
);

testWithPython(
  ["transformers", "jinja2"],
  "render() gives messages and tools of parseTemplateData() as transformers gives them, with calls whose arguments have numbers",
  async () => {
    const messages = `[{"role": "user", "content": "Oslo?", "7": 1, "3": 2.0},
      {"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments":
        {"days": 3.0, "10": 1, "2": 100000000000000000000, "ratio": 1e2}}}], "reasoning": "think"}]`;
    const tools =
      `[{"type": "function", "function": {"name": "f", "parameters": {"maximum": 18446744073709551615, "minimum": 0.0}}}]`;
    const source =
      "{% for m in messages %}{{ m }}{% if m.tool_calls %}{{ m.tool_calls[0].function.arguments | tojson }}" +
      "{% endif %}{% endfor %}{{ tools | tojson(indent=2) }}";
    const program = `
import json, sys
from transformers.utils.chat_template_utils import _compile_jinja_template
source, messages, tools = sys.argv[1:]
read = [{key: value for key, value in m.items() if value is not None} for m in json.loads(messages)]
print(_compile_jinja_template(source).render(messages=read, tools=json.loads(tools)), end="")`;
    const expected = await python(program, [source, messages.replace('"reasoning": "think"', '"name": "x"'), tools]);
    const read = (text: string) => parseTemplateData(text, { name: "mine" });
    const { render } = chatTemplate(source, { name: "x", tokens: {} });
    const ours = render(read(messages.replace('"reasoning": "think"', '"name": "x"')) as ChatMessage[], {
      tools: read(tools) as Record<string, unknown>[],
    });
    assertEquals(ours, expected);
    const thinking = chatTemplate("{{ messages[1].reasoning_content }}{{ messages[1].thinking }}", {
      name: "x",
      tokens: {},
    });
    assertEquals(thinking.render(read(messages) as ChatMessage[]), "thinkthink");
  },
);

Deno.test("parseTemplateData() refuses what is not JSON, naming the place, and what is nested too deep", () => {
  const read = (text: string) => () => parseTemplateData(text, { name: "mine.json" });
  assertThrows(read('{"a": 1,\n "b": }'), SyntaxError, "Cannot read mine.json, line 2, column 7: it is not JSON");
  assertThrows(read("1e999"), SyntaxError, "too large");
  assertThrows(read(""), SyntaxError, "it is empty");
  assertThrows(read("[".repeat(300) + "]".repeat(300)), RangeError, "nested 200 deep");
  assertEquals(parseTemplateData("\ufeff[1]", { name: "marked" }), [1]);
});
