import { readTextRows, textRows } from "../../lib/datasets/text_rows.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

const tokenizer = await loadTokenizer("data/tokenizer");
const texts = ["The heron wades in the shallow water.", "  ", "An ibis digs in the mud, and a stork stands by."];

Deno.test("textRows() lays texts behind one another, each with its end token, and loses none of them", () => {
  const rows = textRows(texts, { tokenizer, length: 6 });
  const ids = rows.flatMap(({ ids }) => ids);
  const whole = [texts[0], texts[2]].flatMap((text) => [...tokenizer.encode(text), tokenizer.endToken]);
  assertEquals(ids, whole.length % 6 === 1 ? whole.slice(0, -1) : whole);
  assert(rows.every(({ ids, promptLength }) => promptLength === 1 && ids.length <= 6));
});

Deno.test("readTextRows() reads a text, or JSON lines with a text each", async () => {
  const folder = await Deno.makeTempDir();
  const options = { tokenizer, length: 5 };
  await Deno.writeTextFile(`${folder}/one.txt`, texts[2]);
  assertEquals(await readTextRows(`${folder}/one.txt`, options), textRows([texts[2]], options));
  const lines = [JSON.stringify({ text: texts[0], source: "pond" }), "", JSON.stringify(texts[2])].join("\n");
  await Deno.writeTextFile(`${folder}/many.jsonl`, lines);
  assertEquals(await readTextRows(`${folder}/many.jsonl`, options), textRows(texts, options));
});

Deno.test("readTextRows() names the file and the line that make no sense", async () => {
  const folder = await Deno.makeTempDir();
  const write = async (name: string, content: string | Uint8Array) => {
    await Deno.writeFile(
      `${folder}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    return `${folder}/${name}`;
  };
  const read = (path: string) => readTextRows(path, { tokenizer, length: 5 });
  const cases: [string, new (message: string) => Error, string][] = [
    [await write("empty.txt", " \n"), RangeError, "at least one token of text is needed"],
    [await write("a.jsonl", '{"text": "heron"}\n{"text": '), SyntaxError, "line 2, column 10: it is not JSON"],
    [
      await write("b.jsonl", '{"text": "heron"}\n\n{"txt": "ibis"}'),
      SyntaxError,
      `line 3: it must be a string, or an object with a "text", it is an object with txt`,
    ],
    [await write("c.txt", Uint8Array.of(0xff, 0xfe, 0x41)), Error, "c.txt"],
    [`${folder}/absent.txt`, Error, "there is no such file"],
  ];
  for (const [path, kind, part] of cases) await assertRejects(() => read(path), kind, part);
  assertThrows(() => textRows(texts, { tokenizer, length: 1 }), RangeError, "current value is 1");
});
