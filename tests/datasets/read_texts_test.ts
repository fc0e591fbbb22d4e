import { parquetWriteBuffer } from "hyparquet-writer";
import { readTexts } from "../../lib/datasets/prepare/read_texts.ts";
import { assertEquals, assertRejects } from "../support/mod.ts";

const folder = await Deno.makeTempDir();
const write = async (name: string, content: string | ArrayBuffer) => {
  const path = `${folder}/${name}`;
  await (typeof content === "string"
    ? Deno.writeTextFile(path, content)
    : Deno.writeFile(path, new Uint8Array(content)));
  return path;
};
const all = (path: string) => Array.fromAsync(readTexts(path));

Deno.test("readTexts() reads lines, JSON lines and Parquet", async () => {
  const texts = Array.from({ length: 2500 }, (_, index) => `The heron waits,\nday ${index}.`);
  const parquet = parquetWriteBuffer({
    columnData: [{ name: "id", data: texts.map((_, id) => id) }, { name: "text", data: texts }],
    rowGroupSize: 700,
  });
  assertEquals(await all(await write("a.parquet", parquet)), texts);
  assertEquals(await all(await write("a.jsonl", texts.map((text) => JSON.stringify({ text })).join("\n"))), texts);
  assertEquals(await all(await write("b.jsonl", '"one"\n\n{"text": "two"}\r\n')), ["one", "two"]);
  assertEquals(await all(await write("b.json", '["one",\n {"text": "two"}]')), ["one", "two"]);
  assertEquals(await all(await write("a.txt", "one\r\ntwo\n")), ["one", "two"]);
});

Deno.test("readTexts() names the line, the row or the file that is not a text", async () => {
  await assertRejects(
    async () => all(await write("c.jsonl", '"a"\n7')),
    SyntaxError,
    "c.jsonl, line 2: it must be a string",
  );
  await assertRejects(async () => all(await write("c.parquet", "PAR1 no")), SyntaxError, "c.parquet is not a Parquet");
  const other = parquetWriteBuffer({ columnData: [{ name: "body", data: ["a"] }] });
  await assertRejects(async () => all(await write("d.parquet", other)), SyntaxError, "d.parquet");
  await assertRejects(() => all(`${folder}/absent.parquet`), Error, "absent.parquet");
});
