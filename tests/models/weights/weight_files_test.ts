/** Folders of weights: single files, shards, indices that lie, and what Python's pickle left. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { loadModel, saveModel } from "../../../lib/models/mod.ts";
import { encodeSafetensors } from "../../../lib/models/weights/safetensors.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../../support/mod.ts";
import { tinyFamily } from "../../support/tiny_families.ts";

await useEngine("wasm");

const inputs = { inputIds: [[1, 5, 9, 20], [3, 3, 50, 0]] };
const INDEX = "model.safetensors.index.json";
type ErrorClass = new (...args: never[]) => Error;

const names = async (folder: string) => (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

async function sharded(): Promise<{ folder: string; shards: string[]; weightMap: Record<string, string> }> {
  const folder = await Deno.makeTempDir();
  const model = tinyFamily("llama", 1);
  await saveModel(model, folder, { shardBytes: 6000 });
  model.dispose();
  const { weight_map: weightMap } = JSON.parse(await Deno.readTextFile(`${folder}/${INDEX}`));
  return { folder, shards: [...new Set(Object.values(weightMap) as string[])], weightMap };
}

const writeIndex = (folder: string, weightMap: unknown) =>
  Deno.writeTextFile(`${folder}/${INDEX}`, JSON.stringify({ metadata: {}, weight_map: weightMap }));

Deno.test("saveModel() divides a large model into files with an index, which loadModel() reads", async () => {
  const { folder, shards, weightMap } = await sharded();
  assert(shards.length > 2);
  assertEquals(shards[0], `model-00001-of-0000${shards.length}.safetensors`);
  assertEquals(await names(folder), ["config.json", "generation_config.json", ...shards, INDEX].sort());
  const { metadata } = JSON.parse(await Deno.readTextFile(`${folder}/${INDEX}`));
  const model = tinyFamily("llama", 1);
  assertEquals(metadata.total_size, 4 * model.parameterCount);
  assertEquals(Object.keys(weightMap), [...model.parameters.keys()]);
  const loaded = await loadModel(folder);
  assertAllClose(loaded.logits(inputs), model.logits(inputs), { atol: 0, rtol: 0 });
  assertEquals([...loaded.parameters.keys()], [...model.parameters.keys()]);
});

Deno.test("saveModel() leaves no weights of another division behind", async () => {
  const { folder } = await sharded();
  const model = tinyFamily("llama", 2);
  await saveModel(model, folder);
  assertEquals(await names(folder), ["config.json", "generation_config.json", "model.safetensors"]);
  assertAllClose((await loadModel(folder)).logits(inputs), model.logits(inputs), { atol: 0, rtol: 0 });
  const other = tinyFamily("llama", 3);
  await saveModel(other, folder, { shardBytes: 9000 });
  assertAllClose((await loadModel(folder)).logits(inputs), other.logits(inputs), { atol: 0, rtol: 0 });
  await assertRejects(() => saveModel(other, folder, { shardBytes: 0 }), RangeError, "current value is 0");
});

interface Break {
  change: (place: Awaited<ReturnType<typeof sharded>>) => Promise<unknown>;
  kind: ErrorClass;
  part: string;
}

const breaks: Record<string, Break> = {
  "an absent file": {
    change: ({ folder, shards }) => Deno.remove(`${folder}/${shards[1]}`),
    kind: Deno.errors.NotFound,
    part: "model-00002",
  },
  "a file cut short": {
    change: ({ folder, shards }) => Deno.truncate(`${folder}/${shards[1]}`, 3000),
    kind: SyntaxError,
    part: "was it truncated?",
  },
  "an empty file": {
    change: ({ folder, shards }) => Deno.truncate(`${folder}/${shards[0]}`, 0),
    kind: SyntaxError,
    part: "a safetensors file is needed, it is empty",
  },
  "an index without a map": {
    change: ({ folder }) => writeIndex(folder, ["a"]),
    kind: SyntaxError,
    part: `"weight_map" must be an object`,
  },
  "an index that is no JSON": {
    change: ({ folder }) => Deno.writeTextFile(`${folder}/${INDEX}`, "{"),
    kind: SyntaxError,
    part: INDEX,
  },
  "an index that has a tensor nowhere": {
    change: ({ folder, weightMap }) => {
      const { "model.norm.weight": _, ...rest } = weightMap;
      return writeIndex(folder, rest);
    },
    kind: RangeError,
    part: `"model.norm.weight", which the index lists nowhere`,
  },
  "an index that has a tensor in another file": {
    change: ({ folder, weightMap, shards }) => writeIndex(folder, { ...weightMap, "model.norm.weight": shards[0] }),
    kind: RangeError,
    part: `"model.norm.weight"`,
  },
  "an index that has a tensor too many": {
    change: ({ folder, weightMap, shards }) => writeIndex(folder, { ...weightMap, ghost: shards[0] }),
    kind: RangeError,
    part: `"ghost" should be in ${"model-00001"}`,
  },
};

for (
  const place of ["../secret.safetensors", "/etc/secret.safetensors", "a/b.safetensors", "a\\b.safetensors", "..", 7]
) {
  breaks[`an index that names ${JSON.stringify(place)}`] = {
    change: ({ folder, weightMap }) => writeIndex(folder, { ...weightMap, "model.norm.weight": place }),
    kind: RangeError,
    part: `"model.norm.weight" is listed in ${JSON.stringify(place)}`,
  };
}

for (const [name, { change, kind, part }] of Object.entries(breaks)) {
  Deno.test(`loadModel() refuses ${name}, naming it, and leaves nothing behind`, async () => {
    const place = await sharded();
    await change(place);
    const before = tf.memory().numTensors;
    await assertRejects(() => loadModel(place.folder), kind, part);
    assertEquals(tf.memory().numTensors, before);
  });
}

Deno.test("loadModel() refuses a folder without weights, or with some that are not read", async () => {
  const { folder, shards } = await sharded();
  for (const name of [...shards, INDEX]) await Deno.remove(`${folder}/${name}`);
  await assertRejects(() => loadModel(folder), Deno.errors.NotFound, "there is no");
  await Deno.writeTextFile(`${folder}/training_args.bin`, "");
  await assertRejects(() => loadModel(folder), Deno.errors.NotFound, "model.safetensors");
  await Deno.writeTextFile(`${folder}/tf_model.h5`, "");
  await assertRejects(() => loadModel(folder), TypeError, "has them in tf_model.h5, an unsupported format");
  await Deno.writeTextFile(`${folder}/pytorch_model.bin`, "");
  await assertRejects(
    () => loadModel(folder),
    SyntaxError,
    "a file written by torch.save is needed, it is empty",
  );
});

/** Writes a model's weights with some of them changed. */
async function rewritten(
  folder: string,
  change: (weights: Map<string, { shape: number[]; numbers: Float32Array<ArrayBuffer> }>) => void,
): Promise<void> {
  const model = tinyFamily("qwen2", 4);
  await saveModel(model, folder);
  const weights = new Map([...model.parameters].map(([name, parameter]) => [
    name,
    { shape: parameter.shape, numbers: parameter.dataSync() as Float32Array<ArrayBuffer> },
  ]));
  change(weights);
  const shapes = new Map([...weights].map(([name, { shape }]) => [name, shape]));
  const pieces = encodeSafetensors(shapes, (name) => Promise.resolve(weights.get(name)!.numbers), "F32");
  await Deno.writeFile(`${folder}/model.safetensors`, ReadableStream.from(pieces));
}

Deno.test("loadModel() ties head and embedding where the files have one, or the same twice, and not where they differ", async () => {
  const tied = tinyFamily("qwen2", 4).logits(inputs);
  const folder = await Deno.makeTempDir();
  await rewritten(folder, (weights) => weights.set("lm_head.weight", weights.get("model.embed_tokens.weight")!));
  const same = await loadModel(folder);
  assertAllClose(same.logits(inputs), tied, { atol: 0, rtol: 0 });
  assert(!same.parameters.has("lm_head.weight"));

  await rewritten(folder, (weights) => {
    weights.set("lm_head.weight", weights.get("model.embed_tokens.weight")!);
    weights.delete("model.embed_tokens.weight");
  });
  assertAllClose((await loadModel(folder)).logits(inputs), tied, { atol: 0, rtol: 0 });

  await rewritten(folder, (weights) => {
    const { shape, numbers } = weights.get("model.embed_tokens.weight")!;
    weights.set("lm_head.weight", { shape, numbers: numbers.map((number) => 2 * number) });
  });
  const apart = await loadModel(folder);
  assertAllClose(apart.logits(inputs), tf.mul(tied, 2), { atol: 1e-5 });
  await saveModel(apart, folder);
  assertAllClose((await loadModel(folder)).logits(inputs), apart.logits(inputs), { atol: 0, rtol: 0 });
});

Deno.test("loadModel() passes over the rotary frequencies of old files, whatever their format", async () => {
  const folder = await Deno.makeTempDir();
  await rewritten(
    folder,
    (weights) =>
      weights.set("model.layers.0.self_attn.rotary_emb.inv_freq", { shape: [2], numbers: new Float32Array([1, NaN]) }),
  );
  assertAllClose((await loadModel(folder)).logits(inputs), tinyFamily("qwen2", 4).logits(inputs), { atol: 0, rtol: 0 });
});

Deno.test("loadModel() takes the end tokens of generation_config.json, and saveModel() writes it back", async () => {
  const [folder, again] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  await saveModel(tinyFamily("llama", 1, { eos_token_id: 4 }), folder);
  assertEquals((await loadModel(folder)).config.endTokens, [4]);
  const generation = { eos_token_id: [5, 6], temperature: 0.5, top_p: 1 };
  await Deno.writeTextFile(`${folder}/generation_config.json`, JSON.stringify(generation));
  const model = await loadModel(folder);
  assertEquals(model.config.endTokens, [5, 6, 4]); // that of config.json too
  await saveModel(model, again);
  const text = await Deno.readTextFile(`${again}/generation_config.json`);
  assertEquals(JSON.parse(text), generation);
  assert(text.includes(`"top_p": 1.0`), text);
  await Deno.writeTextFile(`${folder}/generation_config.json`, `{"eos_token_id": "</s>"}`);
  await assertRejects(() => loadModel(folder), TypeError, `generation_config.json`);
});

Deno.test("loadModel() cuts the vocabulary to a given size", async () => {
  const folder = await Deno.makeTempDir();
  await saveModel(tinyFamily("llama", 1), folder);
  assertEquals((await loadModel(folder, { vocabularySize: 51 })).logits(inputs).shape, [2, 4, 51]);
  const before = tf.memory().numTensors;
  await assertRejects(() => loadModel(folder, { vocabularySize: 54 }), RangeError, "current value is 54");
  assertEquals(tf.memory().numTensors, before);
});
