/** Models written for other programs. */
import { useEngine } from "../../lib/engines/mod.ts";
import { addLora, exportModel, loadModel, mergeLora } from "../../lib/models/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

Deno.test("exportModel() refuses a model with adapters, which no format would have, and writes it once they are merged", async () => {
  const tokenizer = await loadTokenizer("data/tokenizer");
  const folder = await Deno.makeTempDir();
  for (const to of ["gguf", "safetensors"] as const) {
    const model = await loadModel("data/student-start");
    addLora(model, { rank: 2 });
    for (const parameter of model.trainable.values()) parameter.assign(parameter.add(0.05));
    const inputIds = [[1, 5, 9, 20]];
    const logits = model.logits({ inputIds });
    const options = { to, precision: "F32", tokenizer } as const;
    const path = `${folder}/${to}`;
    await assertRejects(
      () => exportModel(model, path, options),
      TypeError,
      "Cannot export: the model must have no adapters",
    );
    assertEquals([...Deno.readDirSync(folder)].filter(({ name }) => name === to), []);
    mergeLora(model);
    const file = to === "gguf" ? `${path}.gguf` : path;
    await exportModel(model, file, options);
    const again = await loadModel(file);
    assertAllClose(again.logits({ inputIds }), logits, { atol: 1e-4, rtol: 0 });
    for (const each of [model, again]) each.dispose();
  }
});
