import { findGguf } from "../../../lib/files/gguf/find_gguf.ts";
import { assertEquals, assertRejects } from "../../support/mod.ts";

async function folderOf(...names: string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const name of names) await Deno.writeTextFile(`${folder}/${name}`, "");
  return folder;
}

Deno.test("findGguf() returns a file itself, and the one model of a folder, its first part where it is split", async () => {
  const folder = await folderOf("config.json", "mmproj-f16.gguf", "m-00001-of-00002.gguf", "m-00002-of-00002.gguf");
  assertEquals(await findGguf(folder), `${folder}/m-00001-of-00002.gguf`);
  assertEquals(await findGguf(`${folder}/m-00002-of-00002.gguf`), `${folder}/m-00002-of-00002.gguf`);
});

Deno.test("findGguf() finds nothing in a folder without one, nor where nothing is", async () => {
  const folder = await folderOf("model.safetensors");
  assertEquals(await findGguf(folder), undefined);
  assertEquals(await findGguf(`${folder}/model.safetensors`), undefined);
  assertEquals(await findGguf(`${folder}/absent.gguf`), undefined);
});

Deno.test("findGguf() refuses a folder of several, naming them", async () => {
  const folder = await folderOf("m-Q4_0.gguf", "m-Q8_0.gguf");
  await assertRejects(() => findGguf(folder), RangeError, "it has m-Q4_0.gguf, m-Q8_0.gguf; name one of them");
});
