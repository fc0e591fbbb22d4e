/** What counts as another model. */
import { folderFingerprint } from "../../lib/evaluation/fingerprint.ts";
import { assert, assertEquals } from "../support/mod.ts";

Deno.test("folderFingerprint() differs with weights in each format that is read, and not with what lies beside them", async () => {
  const weights = ["model.safetensors", "pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "model.gguf"];
  const prints = await Promise.all(weights.map(async (name) => {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/config.json`, "{}");
    const write = async (text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return await folderFingerprint(folder);
    };
    const [one, other] = [await write("a"), await write("b")];
    assert(one !== other, name);
    await Deno.writeTextFile(`${folder}/README.md`, "beside");
    assertEquals(await folderFingerprint(folder), other);
    return other;
  }));
  assertEquals(new Set(prints).size, weights.length);
});
