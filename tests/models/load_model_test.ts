import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { loadModel, saveModel } from "../../lib/models/load_model.ts";
import { encodeSafetensors } from "../../lib/models/weights/safetensors.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { tinyModel } from "../support/tiny_model.ts";

await useEngine("wasm");

const inputs = { inputIds: [[1, 5, 9, 20], [3, 3, 50, 0]] };

/** A saved model whose tensors are changed on their way to the file. */
async function folderWith(
  change: (tensors: Map<string, { shape: number[]; numbers: Float32Array<ArrayBuffer> }>) => void,
) {
  const model = tinyModel(1);
  const folder = await Deno.makeTempDir();
  await saveModel(model, folder);
  const tensors = new Map([...model.parameters].map(([name, parameter]) => [
    name,
    { shape: parameter.shape, numbers: parameter.dataSync() as Float32Array<ArrayBuffer> },
  ]));
  change(tensors);
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const numbers = (name: string) => Promise.resolve(tensors.get(name)!.numbers);
  for await (const piece of encodeSafetensors(shapes, numbers, "F32")) pieces.push(piece);
  await Deno.writeFile(`${folder}/model.safetensors`, new Uint8Array(await new Blob(pieces).arrayBuffer()));
  return { model, folder };
}

for (const [format, atol] of [["F32", 0], ["F16", 2e-2], ["BF16", 1e-1]] as const) {
  Deno.test(`saveModel() and loadModel() give the same logits in ${format}`, async () => {
    const model = tinyModel(1);
    const folder = await Deno.makeTempDir();
    await saveModel(model, folder, { format });
    const loaded = await loadModel(folder);
    assertAllClose(loaded.logits(inputs), model.logits(inputs), { atol, rtol: 0 });
    assertEquals([...loaded.parameters.keys()], [...model.parameters.keys()]);
  });
}

Deno.test("loadModel() reads tensor names without the prefix, and passes over the masks of old files", async () => {
  const { model, folder } = await folderWith((tensors) => {
    for (const [name, tensor] of [...tensors]) {
      tensors.delete(name);
      tensors.set(name.replace(/^transformer\./, ""), tensor);
    }
    tensors.set("h.0.attn.bias", { shape: [1, 1, 2, 2], numbers: new Float32Array([1, 0, 1, 1]) });
    tensors.set("h.1.attn.masked_bias", { shape: [], numbers: new Float32Array([-1e4]) });
  });
  assertAllClose((await loadModel(folder)).logits(inputs), model.logits(inputs), { atol: 0, rtol: 0 });
});

Deno.test("loadModel() reads a head of its own where the configuration unties it", async () => {
  const model = tinyModel(3, { tie_word_embeddings: false });
  const folder = await Deno.makeTempDir();
  await saveModel(model, folder);
  assert(model.parameters.has("lm_head.weight"));
  assertAllClose((await loadModel(folder)).logits(inputs), model.logits(inputs), { atol: 0, rtol: 0 });
});

Deno.test("loadModel() frees what it has read when a tensor is broken", async () => {
  const { folder } = await folderWith((tensors) => tensors.get("transformer.ln_f.bias")!.numbers[3] = NaN);
  const before = tf.memory().numTensors;
  await assertRejects(() => loadModel(folder), RangeError, `"transformer.ln_f.bias" holds NaN at index 3`);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("loadModel() refuses missing, extra, doubled and misshapen tensors, naming them", async () => {
  const zeros = (shape: number[]) => ({ shape, numbers: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
  const cases: [string, (tensors: Map<string, ReturnType<typeof zeros>>) => void][] = [
    [`1 tensors are missing, the first is "transformer.ln_f.weight"`, (t) => t.delete("transformer.ln_f.weight")],
    [`"transformer.extra" is not a parameter`, (t) => t.set("transformer.extra", zeros([2]))],
    [`holds "transformer.ln_f.weight" twice`, (t) => t.set("ln_f.weight", zeros([16]))],
    [`shape [53,16], the file has [16,53]`, (t) => t.set("transformer.wte.weight", zeros([16, 53]))],
  ];
  for (const [part, change] of cases) {
    const { folder } = await folderWith(change);
    await assertRejects(() => loadModel(folder), RangeError, part);
  }
});

Deno.test("loadModel() refuses an invalid config.json, naming the field", async () => {
  const model = tinyModel(1);
  const cases: [Record<string, unknown>, new (message: string) => Error, string][] = [
    [{ model_type: "mamba" }, RangeError, `"mamba"`],
    [{ n_layer: 0 }, TypeError, `"n_layer"`],
    [{ n_embd: "16" }, TypeError, `"n_embd"`],
    [{ n_head: 3 }, RangeError, `"n_head" must divide "n_embd" 16`],
    [{ activation_function: "mish" }, RangeError, `"mish"`],
    [{ layer_norm_epsilon: -1 }, TypeError, `"layer_norm_epsilon"`],
    [{ tie_word_embeddings: "yes" }, TypeError, `"tie_word_embeddings"`],
    [{ vocab_size: null, n_positions: 2.5 }, TypeError, `"n_positions"`],
  ];
  for (const [change, kind, part] of cases) {
    const folder = await Deno.makeTempDir();
    await saveModel(model, folder);
    await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify({ ...model.config.json, ...change }));
    await assertRejects(() => loadModel(folder), kind, part);
  }
});

Deno.test("loadModel() names a file that is missing or no JSON", async () => {
  const folder = await Deno.makeTempDir();
  await assertRejects(() => loadModel(folder), Deno.errors.NotFound, `${folder}/config.json`);
  await Deno.writeTextFile(`${folder}/config.json`, "{");
  await assertRejects(() => loadModel(folder), SyntaxError, `${folder}/config.json`);
});

Deno.test("logits() refuses rows of two lengths, strange ids and rows beyond the context", async () => {
  const model = tinyModel(1);
  await assertRejects(
    async () => await model.logits({ inputIds: [[1, 2], [1]] }),
    RangeError,
    "current lengths are 2 and 1",
  );
  await assertRejects(async () => await model.logits({ inputIds: [[1, 53]] }), RangeError, "current value is 53");
  await assertRejects(async () => await model.logits({ inputIds: [[1, -1]] }), RangeError, "-1 at 1");
  await assertRejects(async () => await model.logits({ inputIds: [Array(49).fill(0)] }), RangeError, "context is 48");
  await assertRejects(async () => await model.logits({ inputIds: [] }), RangeError, "current count is 0");
});

Deno.test("loadModel() refuses a revision and a precision that cannot be had, naming them", async () => {
  const folder = await Deno.makeTempDir();
  await saveModel(tinyModel(1), folder);
  await assertRejects(() => loadModel(folder, { revision: "v2" }), TypeError, "v2");
  await assertRejects(() => loadModel(folder, { precision: "bfloat16" }), RangeError, "bfloat16");
});
