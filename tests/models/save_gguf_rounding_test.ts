/** Why llama.cpp's tokens differ from ours where weights are in Q8_0: it rounds what they are multiplied by as well. */
import * as tf from "@tensorflow/tfjs-core";
import { packTokens } from "../../lib/batches/packed_tokens.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel, type LanguageModel, loadModel, saveGguf } from "../../lib/models/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { lacksLlama, llama } from "../support/llama.ts";
import { assert, assertEquals, testUnless } from "../support/mod.ts";

await useEngine("wasm");
const tokenizer = await loadTokenizer("data/tokenizer");

/** Numbers that share a scale. */
const BLOCK = 32;

/** What ggml's `quantize_row_q8_0` keeps of the factors on the left: eight bits a number, a half for the scale of 32. */
function rounded(x: tf.Tensor): tf.Tensor {
  const numbers = x.dataSync<"float32">().slice();
  for (let at = 0; at < numbers.length; at += BLOCK) {
    const block = numbers.subarray(at, at + BLOCK);
    const scale = Math.fround(block.reduce((most, number) => Math.max(most, Math.abs(number)), 0) / 127);
    const [stored] = Float16Array.of(scale);
    for (let i = 0; i < BLOCK; i++) block[i] = scale === 0 ? 0 : stored * Math.round(block[i] / scale);
  }
  return tf.tensor(numbers, x.shape);
}

/** What is left of numbers in halves, in which llama.cpp keeps keys and values. */
const halves = (x: tf.Tensor): tf.Tensor =>
  tf.tensor(Float32Array.from(new Float16Array(x.dataSync<"float32">())), x.shape);

/** The likeliest token behind a single one, whose attention is its own value; with llama.cpp's roundings, or without. */
function next(model: LanguageModel, token: number, rounds: boolean): number {
  model.adapter = !rounds ? undefined : (name, x) => {
    const times = (factor: tf.Tensor) => tf.matMul(factor as tf.Tensor2D, model.parameters.get(name)!, false, true);
    const product = times(rounded(x));
    return tf.sub(name.includes("v_proj") ? halves(product) : product, times(x));
  };
  return tf.tidy(() => {
    const states = model.states(packTokens([[token]]));
    return tf.argMax(model.logitsOf((rounds ? rounded(states) : states) as tf.Tensor2D), 1).dataSync()[0];
  });
}

testUnless(lacksLlama(), "llama.cpp's tokens from Q8_0 are ours with the other factors rounded to 8 bits", async () => {
  const config = {
    model_type: "llama",
    vocab_size: 4096,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 64,
    initializer_range: 0.3,
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: tokenizer.endToken,
  };
  const path = `${await Deno.makeTempDir()}/model.gguf`;
  const start = initializeModel(config, { seed: 3 });
  await saveGguf(start, path, { tokenizer, precision: "Q8_0" });
  start.dispose();
  const tokens = Array.from({ length: 160 }, (_, place) => 1 + 25 * place);
  const { answers } = await llama({ path, prompts: tokens.map((token) => [token]), count: 1 });
  const model = await loadModel(path);
  const same = (rounds: boolean) =>
    tokens.filter((token, place) => next(model, token, rounds) === answers[place][0]).length;
  const [plain, emulated] = [same(false), same(true)];
  model.dispose();
  console.log(`of ${tokens.length} tokens, ${plain} are llama.cpp's without the rounding, ${emulated} with it`);
  assertEquals(emulated, tokens.length);
  assert(plain < tokens.length, "the rounding shows nowhere");
});
