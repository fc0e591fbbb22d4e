import { pipelineOf } from "../../../lib/text/pipeline/pipeline.ts";
import { assertEquals } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";

/** Texts over all of Unicode, each of which every tokenizer encodes. */
const TEXTS = 20_000;

testWithPython(
  ["tokenizers"],
  `pipelineOf() encodes and decodes as Python's tokenizers: 51 tokenizers, ${TEXTS} texts`,
  async (t) => {
    const folder = await Deno.makeTempDir();
    const program = new URL("../../python/differential_tokenizers.py", import.meta.url).pathname;
    await python(await Deno.readTextFile(program), [folder, String(TEXTS)]);
    const read = async (path: string) => JSON.parse(await Deno.readTextFile(`${folder}/${path}`));
    const texts: string[] = await read("texts.json");
    assertEquals(texts.length, TEXTS);
    const names = Array.from(Deno.readDirSync(folder)).filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
    assertEquals(names.length, 51);
    for (const name of names.sort()) {
      await t.step(name, async () => {
        const pipeline = pipelineOf(await read(`${name}/tokenizer.json`));
        const ids: number[][] = await read(`${name}/ids.json`);
        const decoded: string[] = await read(`${name}/decoded.json`);
        for (const [place, text] of texts.entries()) {
          // Compared as texts, which takes a tenth of the time.
          if (String(pipeline.encode(text)) !== String(ids[place])) {
            assertEquals(pipeline.encode(text), ids[place], JSON.stringify(text));
          }
          if (pipeline.decode(ids[place]) !== decoded[place]) {
            assertEquals(pipeline.decode(ids[place]), decoded[place], String(ids[place]));
          }
        }
        for (const [row, text] of await read(`${name}/random.json`) as [number[], string][]) {
          assertEquals(pipeline.decode(row), text, String(row));
        }
      });
    }
    await Deno.remove(folder, { recursive: true });
  },
);
