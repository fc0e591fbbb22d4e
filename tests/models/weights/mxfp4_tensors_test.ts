/** gpt-oss as it is published: experts in MXFP4, against transformers, which dequantises them. */
import { fileURLToPath } from "node:url";
import { useEngine } from "../../../lib/engines/mod.ts";
import { loadModel, saveModel } from "../../../lib/models/mod.ts";
import { encodeSafetensors, SafetensorsFile } from "../../../lib/models/weights/safetensors.ts";
import { assertAllClose, assertEquals, assertRejects } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";

await useEngine("wasm");

const script = fileURLToPath(new URL("../../python/make_mxfp4.py", import.meta.url));
const program = `import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;

interface Golden {
  input_ids: number[][];
  logits: number[];
  numbers: Record<string, number[]>;
}

testWithPython(
  ["torch", "transformers"],
  "loadModel() dequantises experts in MXFP4 to the bit, saveModel() writes them full, and broken pairs are named",
  async (t) => {
    const folder = await Deno.makeTempDir();
    await python(program, [script, folder]);
    const golden: Golden = JSON.parse(await Deno.readTextFile(`${folder}/golden.json`));
    const model = await loadModel(folder);
    await t.step("numbers and logits", () => {
      assertEquals(Object.keys(golden.numbers).length, 4);
      for (const [name, numbers] of Object.entries(golden.numbers)) {
        assertEquals([...model.parameters.get(name)!.dataSync()], numbers.map((number) => number + 0));
      }
      assertAllClose(model.logits({ inputIds: golden.input_ids }), golden.logits, { atol: 1e-5, rtol: 0 });
    });
    await t.step("saved again", async () => {
      const full = await Deno.makeTempDir();
      await saveModel(model, full);
      const json = JSON.parse(await Deno.readTextFile(`${full}/config.json`));
      assertEquals([json.quantization_config, json.dtype], [undefined, "float32"]);
      const again = await loadModel(full);
      assertAllClose(again.logits({ inputIds: golden.input_ids }), golden.logits, { atol: 1e-5, rtol: 0 });
      again.dispose();
    });
    model.dispose();
    await t.step("broken", async () => {
      const first = "model.layers.0.mlp.experts.down_proj";
      await rewritten(folder, (name, shape) => name === `${first}_scales` ? [...shape, 1] : shape);
      await assertRejects(() => loadModel(folder), RangeError, "they are [3,32,2,16] and [3,32,2,1]");
      await rewritten(folder, (name, shape) => name === `${first}_scales` ? undefined : shape);
      await assertRejects(() => loadModel(folder), RangeError, `"${first}_blocks" must have scales`);
    });
  },
);

/** Writes the folder's tensors again, with other shapes or without some; those of bytes become numbers. */
async function rewritten(
  folder: string,
  change: (name: string, shape: number[]) => number[] | undefined,
): Promise<void> {
  const path = `${folder}/model.safetensors`;
  const shapes = new Map<string, number[]>();
  using file = await SafetensorsFile.open(path);
  for (const [name, { shape }] of file.tensors) {
    const changed = change(name, shape);
    if (changed) shapes.set(name, changed);
  }
  const count = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
  const numbers = (name: string) => Promise.resolve(new Float32Array(count(shapes.get(name)!)));
  const pieces = await Array.fromAsync(encodeSafetensors(shapes, numbers, "F32"));
  await Deno.writeFile(path, new Uint8Array(await new Blob(pieces).arrayBuffer()));
}
