import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

type Expected = Record<string, { text: string; ids: number[]; decoded: string }[]>;

testWithPython(
  ["tokenizers"],
  "encode() and decode() equal Python's tokenizers: byte-level, byte fallback, Metaspace, Unigram, WordPiece",
  async () => {
    const folder = await Deno.makeTempDir();
    const program = new URL("../python/make_tokenizers.py", import.meta.url).pathname;
    await python(await Deno.readTextFile(program), [folder]);
    const expected: Expected = JSON.parse(await Deno.readTextFile(`${folder}/expected.json`));
    assertEquals(Object.keys(expected).length, 8);
    for (const [name, rows] of Object.entries(expected)) {
      const tokenizer = await loadTokenizer(`${folder}/${name}`);
      assert(rows.length > 40);
      for (const { text, ids, decoded } of rows) {
        assertEquals(tokenizer.encode(text), ids, `${name}: ${JSON.stringify(text)}`);
        assertEquals(tokenizer.decode(ids), decoded, `${name}: ${JSON.stringify(text)}`);
      }
    }
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("loadTokenizer() refuses what the library would pass over in silence", async () => {
  const folder = await Deno.makeTempDir();
  const specification = JSON.parse(await Deno.readTextFile("data/tokenizer/tokenizer.json"));
  await Deno.copyFile("data/tokenizer/tokenizer_config.json", `${folder}/tokenizer_config.json`);
  const refused = async (change: object, part: string) => {
    await Deno.writeTextFile(`${folder}/tokenizer.json`, JSON.stringify({ ...specification, ...change }));
    await assertRejects(() => loadTokenizer(folder), RangeError, part);
  };
  await refused({ model: { ...specification.model, end_of_word_suffix: "</w>" } }, "model.end_of_word_suffix");
  const added = [...specification.added_tokens, { id: 9, content: "heron", single_word: true }];
  await refused({ added_tokens: added }, 'single_word of "heron"');
  await Deno.remove(folder, { recursive: true });
});
