import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

interface Expected {
  rows: [text: string, ids: number[]][];
  decoded: [ids: number[], text: string][];
  end: number;
}

testWithPython(
  ["tokenizers", "transformers"],
  "loadTokenizer() reads settings as transformers' AutoTokenizer does: added tokens, special tokens, clean-up",
  async (t) => {
    const folder = await Deno.makeTempDir();
    const program = new URL("../python/automatic_tokenizers.py", import.meta.url).pathname;
    await python(await Deno.readTextFile(program), [folder]);
    const expected: Record<string, Expected> = JSON.parse(await Deno.readTextFile(`${folder}/expected.json`));
    assert(Object.keys(expected).length === 34);
    for (const [name, { rows, decoded, end }] of Object.entries(expected)) {
      await t.step(name, async () => {
        const tokenizer = await loadTokenizer(`${folder}/${name}`);
        assertEquals(tokenizer.endToken, end);
        for (const [text, ids] of rows) assertEquals(tokenizer.encode(text), ids, JSON.stringify(text));
        for (const [ids, text] of decoded) assertEquals(tokenizer.decode(ids), text, String(ids));
      });
    }
    await Deno.remove(folder, { recursive: true });
  },
);
