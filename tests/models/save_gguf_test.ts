/** Models written as GGUF, read again here, by the package gguf, and run by llama.cpp. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { readGguf } from "../../lib/files/gguf/read_gguf.ts";
import {
  generate,
  type GgufPrecision,
  initializeModel,
  type LanguageModel,
  loadModel,
  saveGguf,
  saveModel,
} from "../../lib/models/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { lacksLlama, llamaAll, type LlamaRequest } from "../support/llama.ts";
import { assert, assertAllClose, assertEquals, assertRejects, testUnless } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

await useEngine("wasm");

const tokenizer = await loadTokenizer("data/tokenizer");

/** Small sizes; the last rows of the head pad it. */
const sizes = {
  vocab_size: 4100,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
  initializer_range: 0.3,
  bos_token_id: 0,
  eos_token_id: tokenizer.endToken,
};
const gpt2 = {
  vocab_size: 4100,
  n_embd: 32,
  n_inner: 96,
  n_layer: 2,
  n_head: 4,
  n_positions: 64,
  initializer_range: 0.3,
};
const llama3 = {
  rope_type: "llama3",
  factor: 4,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 8192,
  rope_theta: 10_000,
};

const longrope = { short_factor: [1, 1.25, 2, 3], long_factor: [2, 5, 9, 11] };

const models: Record<string, Record<string, unknown>> = {
  "gpt2": { model_type: "gpt2", ...gpt2, eos_token_id: tokenizer.endToken },
  "llama": { model_type: "llama", ...sizes, tie_word_embeddings: true, rope_theta: 50_000 },
  "llama with a head of its own, wide heads and Llama 3's rotary": {
    model_type: "llama",
    ...sizes,
    tie_word_embeddings: false,
    head_dim: 16,
    rms_norm_eps: 1e-3,
    rope_parameters: llama3,
  },
  "llama, stretched": { model_type: "llama", ...sizes, rope_scaling: { rope_type: "linear", factor: 2 } },
  "mistral without a window": { model_type: "mistral", ...sizes, sliding_window: null },
  "qwen2": { model_type: "qwen2", ...sizes, tie_word_embeddings: true },
  "qwen3": { model_type: "qwen3", ...sizes, head_dim: 8, tie_word_embeddings: true },
  "gemma3": {
    model_type: "gemma3_text",
    ...sizes,
    num_hidden_layers: 6,
    head_dim: 16,
    query_pre_attn_scalar: 16,
    sliding_window: 4,
    rope_parameters: {
      full_attention: { rope_type: "default", rope_theta: 1e6 },
      sliding_attention: { rope_type: "default", rope_theta: 1e4 },
    },
  },
  "phi3 whose heads turn in part": {
    model_type: "phi3",
    ...sizes,
    pad_token_id: 0,
    tie_word_embeddings: true,
    rope_parameters: { rope_type: "default", rope_theta: 90, partial_rotary_factor: 0.8 },
  },
  // llama.cpp goes by its context, of 256 positions here.
  "phi3 with LongRoPE within the original context": {
    model_type: "phi3",
    ...sizes,
    pad_token_id: 0,
    max_position_embeddings: 900,
    original_max_position_embeddings: 300,
    rope_scaling: { type: "longrope", ...longrope },
  },
  "llama with LongRoPE beyond the original context": {
    model_type: "llama",
    ...sizes,
    rope_parameters: { rope_type: "longrope", rope_theta: 700, original_max_position_embeddings: 4, ...longrope },
  },
  "gemma2": {
    model_type: "gemma2",
    ...sizes,
    head_dim: 16,
    query_pre_attn_scalar: 16,
    sliding_window: 8,
    final_logit_softcapping: 20,
  },
};

const prompts = [[11, 300, 4000, 25, 9], [7, 7, 81, 1200, 33, 2, 900, 41, 17, 3, 600, 5]];
const count = 10;

async function saved(model: LanguageModel, precision?: GgufPrecision): Promise<string> {
  const path = `${await Deno.makeTempDir()}/model.gguf`;
  await saveGguf(model, path, { tokenizer, precision, name: "small" });
  return path;
}

/** A model whose norms and biases are not as they start. */
function made(config: Record<string, unknown>): LanguageModel {
  const model = initializeModel(config, { seed: 5 });
  for (const [name, variable] of model.parameters) {
    if (!/norm|ln_|bias/.test(name)) continue;
    tf.tidy(() => variable.assign(tf.add(variable, tf.randomNormal(variable.shape, 0, 0.2, "float32", name.length))));
  }
  return model;
}

const untilEnd = (tokens: number[]): number[] => {
  const end = tokens.indexOf(tokenizer.endToken);
  return end < 0 ? tokens : tokens.slice(0, end + 1);
};

for (const [name, config] of Object.entries(models)) {
  Deno.test(`saveGguf() writes ${name}, and loadModel() reads the same logits`, async () => {
    const model = made(config);
    const path = await saved(model, "F32");
    const again = await loadModel(path);
    const inputIds = [prompts[1]];
    const [logits, others] = [model, again].map((one) => one.logits({ inputIds }));
    assertAllClose(others, logits, { atol: 2e-5, rtol: 1e-5 });
    assertEquals([...again.config.endTokens], [tokenizer.endToken]);
    for (const one of [logits, others, model, again]) one.dispose();
  });
}

testUnless(lacksLlama(), "llama.cpp writes the same greedy tokens from saveGguf()'s files as generate()", async (t) => {
  const texts = ["a grey heron stands, doesn't it?\n12345  x", "<|endoftext|> wader"];
  const ours = new Map<string, number[][]>();
  const requests: LlamaRequest[] = [];
  for (const [name, config] of Object.entries(models)) {
    const model = made(config);
    requests.push({ path: await saved(model, "F32"), prompts, count, texts });
    ours.set(name, await generate(model, prompts, { maxNewTokens: count, temperature: 0 }));
    model.dispose();
  }
  const answers = await llamaAll(requests);
  for (const [place, [name, tokens]] of [...ours].entries()) {
    await t.step(name, () => {
      assertEquals(answers[place].answers.map(untilEnd), tokens);
      assert(new Set(tokens.flat()).size > 3, `${tokens} would show little`);
      assertEquals(answers[place].ids, texts.map((text) => tokenizer.encode(text)));
    });
  }
});

Deno.test("saveGguf() stores matrices in each precision, vectors in float32, and the tokenizer", async () => {
  const model = await loadModel("data/student-start");
  const expected: Record<GgufPrecision, Record<string, number>> = {
    F32: { F32: 28 },
    F16: { F16: 9, F32: 19 },
    BF16: { BF16: 9, F32: 19 },
    Q8_0: { Q8_0: 9, F32: 19 },
    // The embedding, which is the head too, keeps 8 bits, and so do rows that are no multiple of 256.
    Q4_0: { Q8_0: 1, F32: 19, Q4_0: 8 },
    Q4_K: { Q8_0: 7, F32: 19, Q4_K: 2 },
  };
  for (const [precision, counts] of Object.entries(expected) as [GgufPrecision, Record<string, number>][]) {
    const path = await saved(model, precision);
    const { tensors, metadata } = await readGguf(path);
    const types: Record<string, number> = {};
    for (const { type } of tensors.values()) types[type] = (types[type] ?? 0) + 1;
    assertEquals(types, counts, precision);
    assertEquals(metadata.get("general.name"), "small");
    const read = await loadTokenizer(path);
    const text = "Which river is long? 123 don't <|endoftext|>";
    assertEquals([read.encode(text), read.endToken], [tokenizer.encode(text), tokenizer.endToken]);
    assertEquals(read.decode(read.encode(text)), text);
  }
  model.dispose();
});

testWithPython(["gguf"], "the package gguf reads what saveGguf() writes", async () => {
  const model = made(models["qwen3"]);
  const path = await saved(model, "Q8_0");
  const read = JSON.parse(
    await python(
      `
import json, sys, numpy as np
from gguf import GGUFReader
from gguf.quants import dequantize
reader = GGUFReader(sys.argv[1])
sums = {t.name: [float(np.abs(dequantize(t.data, t.tensor_type)).sum()), t.shape.tolist()] for t in reader.tensors}
print(json.dumps([reader.fields["general.architecture"].contents(), reader.fields["qwen3.block_count"].contents(), sums]))
`,
      [path],
    ),
  );
  const again = await loadModel(path);
  assertEquals([read[0], read[1], Object.keys(read[2]).length], ["qwen3", 3, again.parameters.size]);
  const norm = again.parameters.get("model.layers.1.input_layernorm.weight")!;
  const key = again.parameters.get("model.layers.1.self_attn.k_proj.weight")!;
  for (const [name, parameter] of [["blk.1.attn_norm.weight", norm], ["blk.1.attn_k.weight", key]] as const) {
    const sum = (parameter.dataSync() as Float32Array).reduce((sum, number) => sum + Math.abs(number), 0);
    assertAllClose([sum], [read[2][name][0]], { rtol: 1e-5 });
    assertEquals(parameter.shape, read[2][name][1].reverse());
  }
  for (const one of [model, again]) one.dispose();
});

Deno.test("saveGguf() keeps the tokens that end a text and the settings of generation", async () => {
  const model = made(models.llama);
  const generation = {
    eos_token_id: [4095, 7, 9],
    bos_token_id: 4095,
    do_sample: true,
    temperature: 0.6,
    top_k: 40,
    top_p: 0.95,
  };
  const folder = await Deno.makeTempDir();
  model.config.generation = generation;
  await saveModel(model, folder);
  const again = await loadModel(folder);
  const path = await saved(again);
  const last = await loadModel(path);
  assertEquals([...last.config.endTokens], [4095, 7, 9]);
  assertEquals(last.config.generation, generation);
  for (const one of [model, again, last]) one.dispose();
});

Deno.test("saveGguf() refuses what llama.cpp's format cannot express, and leaves no file", async () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ model_type: "mistral", ...sizes, sliding_window: 16 }, "its windows [16,16,16] would be read as [0,0,0]"],
    [{ model_type: "phi3", ...sizes, pad_token_id: 0, sliding_window: 16 }, "its windows [16,16,16] would be read as"],
    [{ ...models.llama, rope_scaling: { rope_type: "dynamic", factor: 2 } }, "its rotary of layer 0"],
    [{ ...models.llama, hidden_act: "gelu" }, 'its activation "gelu" would be read as "silu"'],
    [{ ...models.gemma2, query_pre_attn_scalar: 3 }, "its scale 0.57"],
    [{ ...models.qwen2, use_sliding_window: true, sliding_window: 4, max_window_layers: 1 }, "its windows [0,4,4]"],
    [{
      model_type: "opt",
      vocab_size: 4100,
      hidden_size: 16,
      ffn_dim: 16,
      num_hidden_layers: 1,
      num_attention_heads: 2,
    }, "current value is opt"],
  ];
  for (const [config, part] of cases) {
    const model = initializeModel(config, { seed: 1 });
    const folder = await Deno.makeTempDir();
    await assertRejects(() => saveGguf(model, `${folder}/x.gguf`, { tokenizer }), TypeError, part);
    assertEquals([...Deno.readDirSync(folder)], []);
    model.dispose();
  }
  const small = initializeModel({ ...models.llama, vocab_size: 4000, eos_token_id: 1 }, { seed: 1 });
  await assertRejects(() => saved(small), RangeError, "a row for each of 4096 tokens, current value is 4000");
  small.dispose();
});

Deno.test("saveGguf() refuses options of other kinds, naming them", async () => {
  const model = made(models.llama);
  const cases: [unknown, new (...args: never[]) => Error, string][] = [
    [undefined, TypeError, "Cannot save a model: options must be an object with tokenizer, current value is absent"],
    [{ tokenizer: 3 }, TypeError, "tokenizer must be a tokenizer, as loadTokenizer() returns it, current value is 3"],
    [{ tokenizer, precision: "Q3" }, RangeError, "precision must be one of F32, F16, BF16, Q8_0, Q4_0, Q4_K, current"],
  ];
  for (const [options, kind, part] of cases) {
    await assertRejects(() => saveGguf(model, "x.gguf", options as { tokenizer: typeof tokenizer }), kind, part);
  }
  model.dispose();
});
