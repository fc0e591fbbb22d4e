/** Models in GGUF files, held against transformers reading the same files. */
import { fileURLToPath } from "node:url";
import { useEngine } from "../../../../lib/engines/mod.ts";
import { loadModel, saveModel } from "../../../../lib/models/mod.ts";
import { ggufFile, raw, type RawGguf } from "../../../support/gguf_bytes.ts";
import { tinyGguf } from "../../../support/tiny_gguf.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../../../support/mod.ts";
import { python, testWithPython } from "../../../support/python.ts";
import { type GgufCase, ggufCases } from "./gguf_cases.ts";

await useEngine("wasm");

const inputs = { inputIds: [[1, 5, 9, 20], [3, 3, 50, 0]] };

async function check(folder: string, { name, tied = false }: GgufCase): Promise<void> {
  const golden = JSON.parse(await Deno.readTextFile(`${folder}/golden.json`));
  const model = await loadModel(`${folder}/model.gguf`);
  assertEquals([model.config.tiedHead, model.config.endTokens], [tied, [5]], name);
  const logits = model.logits({ inputIds: golden.input_ids });
  const expected: number[] = golden.logits;
  const largest = expected.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  assert(largest > 0.3, `${name}: logits of at most ${largest} would show nothing`);
  assertEquals(logits.shape, golden.logits_shape, name);
  assertAllClose(logits, expected, { atol: 1e-4, rtol: 0 });
  // Saved as a folder, it is the same model, which is also what its configuration must have said.
  await saveModel(model, `${folder}/saved`);
  const saved = await loadModel(`${folder}/saved`);
  assertAllClose(saved.logits(inputs), model.logits(inputs), { atol: 0, rtol: 0 });
  saved.dispose();
  model.dispose();
}

testWithPython(
  ["gguf", "transformers"],
  "loadModel() of a GGUF file computes what transformers computes of it",
  async (t) => {
    const folder = await Deno.makeTempDir();
    const script = fileURLToPath(new URL("../../../python/make_gguf.py", import.meta.url));
    const program = `import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
    await python(program, [script, folder, JSON.stringify(ggufCases)]);
    for (const one of ggufCases) await t.step(one.name, () => check(`${folder}/${one.name}`, one));
    const saved = ggufCases.map(({ name }) => `${folder}/${name}/saved`);
    const reread = await python(
      `
import json, sys, torch
from transformers import AutoModelForCausalLM
for folder in sys.argv[1:]:
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    golden = json.load(open(folder.replace("/saved", "/golden.json")))
    logits = model(torch.tensor(golden["input_ids"])).logits.flatten()
    print((logits - torch.tensor(golden["logits"])).abs().max().item())
`,
      saved,
    );
    const differences = reread.trim().split("\n").map(Number);
    assertEquals(differences.length, ggufCases.length);
    differences.forEach((difference, i) =>
      assert(difference < 1e-4, `${ggufCases[i].name}: saved, ${difference} away`)
    );
  },
);

const { metadata, tensors } = tinyGguf;
const without = (key: string) => metadata.filter(([other]) => other !== key);
const and = (key: string, value: ReturnType<typeof raw.u32>): typeof metadata => [...without(key), [key, value]];
const named = (name: string, change: Partial<(typeof tensors)[number]>) =>
  tensors.map((tensor) => tensor.name === name ? { ...tensor, ...change } : tensor);

Deno.test("loadModel() takes a folder with a GGUF file beside other files", async () => {
  const folder = await Deno.makeTempDir();
  await ggufFile({ metadata, tensors }, `${folder}/model.gguf`);
  await Deno.writeTextFile(`${folder}/config.json`, "{}");
  const model = await loadModel(folder);
  assertEquals([model.config.modelType, model.vocabularySize, model.config.endTokens], ["llama", 8, [3]]);
  model.dispose();
});

const wrong: Record<string, { file: RawGguf; kind: new (...args: never[]) => Error; part: string }> = {
  "an unknown architecture": {
    file: { metadata: and("general.architecture", raw.text("mamba")), tensors },
    kind: RangeError,
    part: '"general.architecture" must be one of llama, qwen2',
  },
  "no architecture": { file: { metadata: [], tensors }, kind: RangeError, part: "current value is absent" },
  "no width": {
    file: { metadata: without("llama.embedding_length"), tensors },
    kind: TypeError,
    part: '"llama.embedding_length" must be a positive whole number',
  },
  "heads that differ from block to block": {
    file: {
      metadata: and("llama.attention.head_count_kv", raw.list(4, [new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0])], 2)),
      tensors,
    },
    kind: TypeError,
    part:
      '"llama.attention.head_count_kv" must be a positive whole number, the same in all blocks, current value is [1,2]',
  },
  "more blocks than tensors": {
    file: { metadata: and("llama.block_count", raw.u32(2 ** 31)), tensors },
    kind: TypeError,
    part: '"llama.block_count" must be at most 11, given the file\'s tensors, current value is 2147483648',
  },
  "a key that is not understood": {
    file: { metadata: and("llama.expert_count", raw.u32(8)), tensors },
    kind: RangeError,
    part: 'the key "llama.expert_count" is unknown, current value is 8',
  },
  "an end token outside the vocabulary": {
    file: { metadata: and("tokenizer.ggml.eos_token_id", raw.u32(8)), tensors },
    kind: RangeError,
    part: '"eos_token_id" must be below the vocabulary',
  },
  "factors of no scaling that is known": {
    file: {
      metadata,
      tensors: [...tensors, {
        name: "rope_freqs.weight",
        shape: [1],
        data: new Uint8Array(new Float32Array([3]).buffer),
      }],
    },
    kind: RangeError,
    part: '"rope_freqs.weight" must be the 1 factors of Llama 3',
  },
  "a tensor of another architecture": {
    file: { metadata, tensors: [...tensors, { name: "blk.0.ssm_in.weight", shape: [4] }] },
    kind: RangeError,
    part: '"blk.0.ssm_in.weight" is not a tensor of the architecture',
  },
  "a tensor of a block too many": {
    file: { metadata, tensors: [...tensors, { name: "blk.1.attn_norm.weight", shape: [4] }] },
    kind: RangeError,
    part: '"blk.1.attn_norm.weight" is not a parameter of this model',
  },
  "a tensor missing": {
    file: { metadata, tensors: tensors.slice(0, -1) },
    kind: RangeError,
    part: "1 tensors are missing",
  },
  "a tensor of another shape": {
    file: { metadata, tensors: named("blk.0.ffn_up.weight", { shape: [4, 4] }) },
    kind: RangeError,
    part: '"blk.0.ffn_up.weight" the shape [6,4], the file has [4,4]',
  },
  "a tensor in a type that is not read": {
    file: { metadata, tensors: named("output_norm.weight", { type: "I32" }) },
    kind: TypeError,
    part: '"output_norm.weight" is stored as I32',
  },
  "a number that is not finite": {
    file: {
      metadata,
      tensors: named("output_norm.weight", { data: new Uint8Array(new Float32Array([0, 1, NaN, 0]).buffer) }),
    },
    kind: RangeError,
    part: '"output_norm.weight" holds NaN at index 2',
  },
};

for (const [name, { file, kind, part }] of Object.entries(wrong)) {
  Deno.test(`loadModel() refuses a GGUF file with ${name}, naming it`, async () => {
    const path = await ggufFile(file);
    await assertRejects(() => loadModel(path), kind, part);
    await assertRejects(() => loadModel(path), kind, path);
  });
}
