import { parseJsonLines, readJsonLines } from "../../lib/files/json_lines.ts";
import { assertEquals, assertRejects } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

const folder = await Deno.makeTempDir();
const write = async (content: string | Uint8Array, name = "my.jsonl") => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await Deno.writeFile(`${folder}/${name}`, bytes);
  return `${folder}/${name}`;
};
const read = async (content: string | Uint8Array) => await Array.fromAsync(readJsonLines(await write(content)));
const ab = (lines: [number, number]) => [{ value: { a: 1 }, line: lines[0] }, { value: { b: "é" }, line: lines[1] }];

const forms: [what: string, text: string, lines: [number, number]][] = [
  ["lines", '{"a": 1}\n{"b": "é"}\n', [1, 2]],
  ["no line break at the end", '{"a": 1}\n{"b": "é"}', [1, 2]],
  ["a byte-order mark", '\ufeff{"a": 1}\n{"b": "é"}\n', [1, 2]],
  ["files with marks behind one another", '\ufeff{"a": 1}\n\ufeff{"b": "é"}\n', [1, 2]],
  ["CRLF", '{"a": 1}\r\n{"b": "é"}\r\n', [1, 2]],
  ["CR", '{"a": 1}\r{"b": "é"}\r', [1, 2]],
  ["blank lines", '\n{"a": 1}\n \t\n\r\n{"b": "é"}\n\n\n', [2, 5]],
  ["one list", '[{"a": 1}, {"b": "é"}]', [1, 1]],
  ["a list over several lines", '\ufeff\n[\n  {\n    "a": 1\n  },\r\n  {"b": "é"}\n]\n', [3, 6]],
];

for (const [what, text, lines] of forms) {
  Deno.test(`readJsonLines() reads ${what}, and knows where each value begins`, async () => {
    assertEquals(await read(text), ab(lines));
    assertEquals(parseJsonLines(text, { name: "x" }), ab(lines));
  });
}

const faults: [text: string, message: string][] = [
  ['{"a": 1}\n\n{"a": }', "my.jsonl, line 3, column 7: it is not JSON: a value is needed, } is there"],
  ['{"a": 1}\n{"a": 1}{"a": 2}', "line 2, column 9: it is not JSON: something follows after the end"],
  [
    '{"a": 1,\n "b": 2}\n',
    "line 1, column 9: it is not JSON: the line ends within a value; each value must be on one line",
  ],
  ['{"a": NaN}', "line 1, column 7: it is not JSON: NaN is not a JSON number"],
  ['{"a": 1, "a": 2}', 'line 1, column 10: the key "a" is duplicated'],
  ['{"a": "\\udc00"}', "line 1, column 7: the string holds half of a surrogate pair"],
  ['[\n{"a": 1},\n{"a": 2},\n]', "line 4, column 1: it is not JSON: there must be no comma before ]"],
  ["[1]\n[2,", "line 2, column 4: it is not JSON: the line ends within a value"],
];

Deno.test("readJsonLines() names the file, the line and the column of a fault", async () => {
  for (const [text, message] of faults) await assertRejects(() => read(text), SyntaxError, message);
});

Deno.test("readJsonLines() reports what a file is that is not text in UTF-8, and names what is not there", async () => {
  const latin = Uint8Array.of(...new TextEncoder().encode('{"a": 1}\n{"b": "'), 0xe9, 0x22, 0x7d, 10);
  await assertRejects(
    () => read(latin),
    SyntaxError,
    'my.jsonl, line 2, column 8: its bytes are not UTF-8: 0xE9 would be "é"',
  );
  await assertRejects(
    () => read(Uint8Array.of(0xff, 0xfe, 0x7b, 0)),
    SyntaxError,
    "my.jsonl: UTF-8 text is needed, it is UTF-16",
  );
  await assertRejects(() => read(Uint8Array.of(0x1f, 0x8b, 8, 0)), SyntaxError, "compressed by gzip");
  await assertRejects(() => read('{"a": 1}\n\0\0\0'), SyntaxError, "line 2, column 1: there is a NUL byte");
  await assertRejects(() => Array.fromAsync(readJsonLines(folder)), Error, "it is a folder");
  await assertRejects(
    () => Array.fromAsync(readJsonLines(`${folder}/absent.jsonl`)),
    Error,
    "absent.jsonl: there is no such file",
  );
});

Deno.test("readJsonLines() reads lists a line where the first is one by itself", async () => {
  assertEquals((await read("[1]\n[2, 3]\n")).map(({ value }) => value), [[1], [2, 3]]);
});

testWithPython(
  [],
  "readJsonLines() reads the values that Python's json does, over 4,000 lines that it wrote",
  async () => {
    const path = `${folder}/python.jsonl`;
    const program = `
import json, random, sys
random.seed(3)
signs = "ab \\\\\\"/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f\\u0085\\u00a0\\u2028\\u2029\\ufeff\\ufffdéß漢🙂𝄞"
def value(depth):
    kind = random.randrange(7 if depth else 5)
    if kind == 0: return random.choice([True, False, None])
    if kind == 1: return random.choice([0, -1, 2**53 - 1, 10**300, random.randrange(10**9)])
    if kind == 2: return random.choice([0.5, -1.5e-7, 1e308, random.random()])
    if kind < 5: return "".join(random.choices(signs, k=random.randrange(12)))
    if kind == 5: return [value(depth - 1) for _ in range(random.randrange(4))]
    return {"".join(random.choices("abcé", k=4)) + str(i): value(depth - 1) for i in range(random.randrange(4))}
with open(sys.argv[1], "w", encoding="utf-8", newline="") as file:
    for index in range(4000):
        line = {"index": index, "value": value(3)}
        file.write(json.dumps(line, ensure_ascii=index % 2 == 0) + random.choice(["\\n", "\\r\\n", "\\n\\n"]))
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8", newline="\\n") if line.strip()]
print(json.dumps(lines))`;
    const expected = JSON.parse(await python(program, [path]));
    const found = await Array.fromAsync(readJsonLines(path));
    assertEquals(found.map(({ value }) => value), expected);
    assertEquals(found.length, 4000);
  },
);
