import { decodeText, readText } from "../../lib/files/read_text.ts";
import { assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => decodeText(bytes, { name: "my.json" });

Deno.test("decodeText() drops a byte-order mark and nothing else", () => {
  assertEquals(decode(bytesOf("\ufeffa\ufeff\r\n")), "a\ufeff\r\n");
  assertEquals(decode(new Uint8Array()), "");
});

Deno.test("decodeText() names the line, the column and the sign that Latin-1 would be", () => {
  const bytes = Uint8Array.of(...bytesOf('{"a": "é"}\n{"b": "🙂caf'), 0xe9, 0x22, 0x7d);
  assertThrows(
    () => decode(bytes),
    SyntaxError,
    'Cannot read my.json, line 2, column 12: its bytes are not UTF-8: 0xE9 would be "é" in Windows-1252',
  );
  assertThrows(
    () => decode(Uint8Array.of(...bytesOf("a\nb"), 0)),
    SyntaxError,
    "line 2, column 2: there is a NUL byte",
  );
});

const others: [what: string, bytes: number[]][] = [
  ["UTF-16", [0xff, 0xfe, 0x7b, 0]],
  ["UTF-16", [0xfe, 0xff, 0, 0x7b]],
  ["UTF-16", [...'{"a": 1}'].flatMap((sign) => [sign.charCodeAt(0), 0])],
  ["UTF-16", [...'{"a": 1}'].flatMap((sign) => [0, sign.charCodeAt(0)])],
  // Characters whose other byte is zero, as in "😀" and the space of Japanese, between many that are ASCII.
  ...[[0, 1], [1, 0]].map(([low, high]): [string, number[]] => [
    "UTF-16",
    [...'{"question": "Ist é\u3000😀?", "answer": "ja"}'].flatMap((sign) =>
      sign.split("").flatMap((unit) => {
        const pair = [unit.charCodeAt(0) & 255, unit.charCodeAt(0) >> 8];
        return [pair[low], pair[high]];
      })
    ),
  ]),
  ["UTF-32", [0xff, 0xfe, 0, 0]],
  ["gzip", [0x1f, 0x8b, 8]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["zip archive", [0x50, 0x4b, 3, 4]],
  ["Parquet", [...bytesOf("PAR1")]],
];

Deno.test("decodeText() reports what a file is that is not text in UTF-8", () => {
  for (const [what, bytes] of others) assertThrows(() => decode(Uint8Array.from(bytes)), SyntaxError, what);
});

Deno.test("readText() names a file that is missing, and a folder", async () => {
  await assertRejects(() => readText("absent.json"), Deno.errors.NotFound, "Cannot read absent.json: there is no such");
  await assertRejects(() => readText("deno.json/a"), Deno.errors.NotFound, "deno.json/a: there is no such file");
  await assertRejects(() => readText("data"), Error, "Cannot read data: a file is needed, it is a folder");
});

testWithPython([], "decodeText() takes and refuses the bytes that Python's strict UTF-8 does", async () => {
  const program = `
import json, random
random.seed(5)
parts = [b"a", b"\\n", "é".encode(), "\ufffd".encode(), "\ufeff".encode(), "ق".encode(), "🙂".encode(), b"\\xe9", b"\\xc3", b"\\xed\\xa0\\x80", b"\\xf4\\x90\\x80\\x80", b"\\xc0\\xaf", b"\\x80"]
cases = []
for _ in range(3000):
    data = b"".join(random.choices(parts, weights=[6, 2, 4, 1, 1, 4, 4] + [0.3] * 6, k=random.randrange(1, 9)))
    text = place = None
    try:
        data.decode("utf-8")
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        begin = data[:error.start].rfind(b"\\n") + 1
        line, column = data[:begin].count(b"\\n") + 1, len(data[begin:error.start].decode("utf-8-sig")) + 1
        place = f"line {line}, column {column}: its bytes are not UTF-8: 0x{data[error.start]:02X} "
    cases.append([list(data), text, place])
print(json.dumps(cases))`;
  const cases = JSON.parse(await python(program)) as [number[], string | null, string][];
  for (const [bytes, text, place] of cases) {
    if (text === null) assertThrows(() => decode(Uint8Array.from(bytes)), SyntaxError, place);
    else assertEquals(decode(Uint8Array.from(bytes)), text);
  }
  assertEquals(cases.length, 3000);
});
