/** Every family: generation, the cut vocabulary, the limits of the context, the names of what it refuses. */
import fc from "fast-check";
import { packTokens } from "../../../lib/batches/packed_tokens.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { generate, initializeModel, type LanguageModel } from "../../../lib/models/mod.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { tinyFamilies, tinyFamily } from "../../support/tiny_families.ts";

await useEngine("wasm");

/** What a row's every next token should be, by one pass over the whole row without a cache. */
function greedyTokens(model: LanguageModel, row: number[]): number[] {
  const logits = model.logits({ inputIds: [row] });
  const numbers = logits.dataSync();
  logits.dispose();
  const width = model.vocabularySize;
  return row.map((_, place) => {
    const own = numbers.subarray(place * width, (place + 1) * width);
    return own.indexOf(Math.max(...own));
  });
}

const prompt = fc.array(fc.nat(52), { minLength: 1, maxLength: 14 });

const longrope = {
  rope_type: "longrope",
  rope_theta: 30,
  short_factor: [1, 2],
  long_factor: [3, 9],
  original_max_position_embeddings: 16,
};
const ofChangingAngles: [family: string, changes: Record<string, unknown>][] = [
  ["llama", { rope_parameters: longrope }],
  ["llama", { max_position_embeddings: 20, rope_parameters: { rope_type: "dynamic", factor: 4, rope_theta: 30 } }],
];

for (const family of Object.keys(tinyFamilies)) {
  Deno.test(`generate() with ${family} equals the computation without a cache, whatever else is in the batch`, async () => {
    const model = tinyFamily(family, 5);
    await fc.assert(
      fc.asyncProperty(fc.array(prompt, { minLength: 1, maxLength: 4 }), async (prompts) => {
        // More tokens than the cache holds apart, and than any window sees.
        const options = { maxNewTokens: 38, temperature: 0, stopTokens: [11, 12], batchSize: 3 };
        const answers = await generate(model, prompts, options);
        prompts.forEach((prompt, i) => {
          const expected = greedyTokens(model, [...prompt, ...answers[i]]).slice(prompt.length - 1, -1);
          assertEquals(answers[i], expected);
        });
      }),
      { numRuns: 4, seed: 7 },
    );
    model.dispose();
  });
}

Deno.test("generate() equals the textbook where angles change with a row's length: each token by a pass of its own", async () => {
  for (const [family, changes] of ofChangingAngles) {
    const model = tinyFamily(family, 5, changes);
    const prompts = [[1, 2, 3], [1, 2, 3, 4, 5, 6, 7], [9]];
    const answers = await generate(model, prompts, { maxNewTokens: 24, temperature: 0, stopTokens: [11, 12] });
    for (const [index, prompt] of prompts.entries()) {
      const row = [...prompt];
      for (const token of answers[index]) {
        assertEquals(token, greedyTokens(model, row).at(-1));
        row.push(token);
      }
    }
    model.dispose();
  }
});

Deno.test("states() of rows that share a prefix are those of the rows alone where angles depend on a row's length", () => {
  const model = tinyFamily("llama", 5, ofChangingAngles[0][1]);
  const rows = [10, 30].map((length) => Array.from({ length }, (_, place) => (5 * place) % 53));
  const alone = rows.map((row) => model.states(packTokens([row])).arraySync());
  const packed = packTokens(rows, { shareable: [8, 8] });
  assertEquals(packed.ids.length, 32);
  const all = model.states(packed);
  assertAllClose(all, [...alone[0].flat(), ...alone[1].slice(8).flat()], { atol: 1e-5 });
  assertAllClose(model.states(packed, { keep: [3, 31] }), [...alone[0][3], ...alone[1][29]], { atol: 1e-5 });
  model.dispose();
});

Deno.test("generate() draws a prompt's tokens whatever the order and number of the others", async () => {
  const model = tinyFamily("mistral", 3);
  const prompts = [[1, 2, 3], [9, 9], [5, 6, 7, 8], [9, 9], [40]];
  const options = { maxNewTokens: 12, seed: 4, stopTokens: [], batchSize: 2 };
  const answers = await generate(model, prompts, options);
  const turned = await generate(model, [...prompts].reverse(), options);
  // The two prompts of the same tokens differ by which of them comes first.
  assertEquals([turned[4], turned[3], turned[2], turned[1], turned[0]], [
    answers[0],
    answers[3],
    answers[2],
    answers[1],
    answers[4],
  ]);
  assertEquals(await generate(model, [prompts[2]], options), [answers[2]]);
  assert(answers[1].join() !== answers[3].join(), "prompts of the same tokens have draws of their own");
});

Deno.test("generate() takes a seed for each prompt", async () => {
  const model = tinyFamily("qwen3", 3);
  const options = { maxNewTokens: 12, stopTokens: [] };
  const answers = await generate(model, [[1, 2], [1, 2], [8]], { ...options, seeds: [5, 6, 5] });
  assertEquals(await generate(model, [[8], [1, 2]], { ...options, seeds: [5, 6] }), [answers[2], answers[1]]);
  assert(answers[0].join() !== answers[1].join());
  await assertRejects(
    () => generate(model, [[1]], { ...options, seeds: [1, 2] }),
    RangeError,
    "current count is 2",
  );
  await assertRejects(() => generate(model, [[1]], { ...options, seeds: [0.5] }), RangeError, "current value is 0.5");
});

Deno.test("limitVocabulary() cuts logits and what is written, and refuses ids and sizes beyond", async () => {
  const model = tinyFamily("gemma2", 3);
  const inputs = { inputIds: [[1, 2, 3]] };
  const all = model.logits(inputs).dataSync();
  model.limitVocabulary(20);
  const cut = model.logits(inputs);
  assertEquals(cut.shape, [1, 3, 20]);
  assertAllClose(cut.dataSync().slice(0, 20), all.slice(0, 20));
  const answers = await generate(model, [[1], [2, 3]], { maxNewTokens: 60, temperature: 5, stopTokens: [] });
  assert(answers.flat().every((token) => token < 20));
  assertThrows(
    () => model.logits({ inputIds: [[20]] }),
    RangeError,
    "below the vocabulary's size 20, current value is 20",
  );
  for (const size of [0, 54, 1.5]) {
    assertThrows(
      () => model.limitVocabulary(size),
      RangeError,
      `in 1..53, the size of the head, current value is ${size}`,
    );
  }
});

Deno.test("logits() and generate() refuse rows beyond the context, whatever the family", async () => {
  for (const family of Object.keys(tinyFamilies)) {
    const model = tinyFamily(family, 1);
    assertThrows(() => model.logits({ inputIds: [Array(65).fill(1)] }), RangeError, "context is 64");
    assertEquals(model.logits({ inputIds: [Array(64).fill(1)] }).shape, [1, 64, 53]);
    await assertRejects(() => generate(model, [Array(60).fill(1)], { maxNewTokens: 5 }), RangeError, "context of 64");
  }
});

const llama3 = { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4 };

/** What a config.json asks for, and the part of the error that names it. */
const refused: [string, Record<string, unknown>, string][] = [
  ["llama", { rope_scaling: { rope_type: "axial" } }, `"rope_type" must be one of default, linear, dynamic, yarn`],
  ["llama", { rope_scaling: { type: "proportional", factor: 2 } }, `"type" must be one of default, linear, dynamic`],
  ["qwen2", { rope_parameters: { rope_type: "longrope", short_factor: [1] } }, `"short_factor" must be a list of`],
  ["llama", { rope_scaling: { rope_type: "linear" } }, `"factor" must be a number above 0, current value is absent`],
  ["llama", { rope_scaling: { ...llama3, factor: "8" } }, `"factor" must be a number above 0, current value is "8"`],
  ["llama", { rope_scaling: { ...llama3, high_freq_factor: 1 } }, `"high_freq_factor" must be above`],
  ["llama", { rope_scaling: "linear" }, `"rope_scaling" must be an object, current value is "linear"`],
  ["gemma2", { rope_parameters: { full_attention: { rope_type: "default" } } }, "current value is full_attention"],
  ["llama", { rope_theta: -5 }, `"rope_theta"`],
  ["llama", { partial_rotary_factor: 0.5 }, `only 1 is supported as "partial_rotary_factor", current value is 0.5`],
  ["llama", { head_dim: 5 }, "must be even, current value is 5"],
  ["llama", { head_dim: null, num_attention_heads: 5 }, `"num_attention_heads" must divide "hidden_size" 12`],
  [
    "llama",
    { num_key_value_heads: 3 },
    `"num_key_value_heads" must divide "num_attention_heads" 4, current value is 3`,
  ],
  ["llama", { hidden_act: "mish" }, `"hidden_act" must be one of`],
  ["llama", { quantization_config: { quant_method: "gptq" } }, `"quantization_config" names the method "gptq"`],
  ["mistral", { sliding_window: 0 }, `"sliding_window"`],
  ["qwen2", { layer_types: ["full_attention"] }, `"layer_types" must be a list of 2`],
  ["qwen2", { layer_types: ["sliding_attention", "full_attention"] }, `"sliding_window" must be a number`],
  ["qwen3", { layer_types: ["chunked_attention", "full_attention"] }, `current value is "chunked_attention"`],
  ["gemma2", { use_bidirectional_attention: true }, `"use_bidirectional_attention", current value is true`],
  ["gemma2", { attn_logit_softcapping: -1 }, `"attn_logit_softcapping"`],
  ["gemma2", { hidden_activation: 3 }, `"hidden_activation"`],
  [
    "gemma3_text",
    { rope_parameters: { rope_type: "default" } },
    "keys full_attention, sliding_attention, current value is",
  ],
  ["gemma3_text", { rope_scaling: { type: "linear", factor: 2 } }, `only "default" is supported as "type"`],
  [
    "gemma3_text",
    { rope_parameters: { full_attention: { rope_type: "yarn", factor: 2, truncate: false } } },
    `only true is supported as "truncate", current value is false`,
  ],
  ["gemma3_text", { sliding_window: null }, `"sliding_window" must be a number of positions`],
  ["opt", { num_attention_heads: 5 }, `"num_attention_heads" must divide "hidden_size" 12, current value is 5`],
  ["opt", { word_embed_proj_dim: "8" }, `"word_embed_proj_dim"`],
  ["gpt2", { add_cross_attention: true }, `"add_cross_attention", current value is true`],
  ["gpt2", { eos_token_id: [1, "2"] }, `"eos_token_id" must be token ids`],
  [
    "gpt2",
    { model_type: "mamba" },
    `one of gpt2, opt, llama, mistral, ministral, ministral3, qwen2, qwen3, gemma, gemma2, gemma3_text, gemma3, phi3, smollm3, granite, olmo2, gpt_neox, stablelm, mixtral, qwen3_moe, olmoe, gpt_oss, current value is "mamba"`,
  ],
];

for (const [family, changes, part] of refused) {
  Deno.test(`${family} refuses ${JSON.stringify(changes)}, naming field and value`, () => {
    try {
      tinyFamily(family, 1, changes);
    } catch (error) {
      assert(error instanceof RangeError || error instanceof TypeError, String(error));
      assert(error.message.includes(part), error.message);
      return;
    }
    throw new Error("nothing was thrown");
  });
}

Deno.test("gemma3 refuses fields of its text that are not understood, and a vocabulary beside it", () => {
  const make = (json: Record<string, unknown>) => () => initializeModel({ model_type: "gemma3", ...json }, { seed: 1 });
  const text = "Cannot read config.json: text_config";
  assertThrows(
    make({ text_config: { logits_scaling: 2 } }),
    RangeError,
    `${text}: the field "logits_scaling" is unknown`,
  );
  assertThrows(make({ text_config: [] }), TypeError, `"text_config" must be an object, current value is []`);
  assertThrows(make({ vocab_size: 9 }), RangeError, `only null is supported as "vocab_size", current value is 9`);
});

Deno.test("a config.json means the same in its older and newer spellings", () => {
  const inputs = { inputIds: [Array.from({ length: 40 }, (_, place) => (7 * place) % 53)] };
  const logits = (family: string, changes: Record<string, unknown>) => tinyFamily(family, 1, changes).logits(inputs);
  const pairs: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ["llama", { rope_theta: 300 }, { rope_parameters: { rope_theta: 300, rope_type: "default" } }],
    ["llama", { rope_scaling: { type: "linear", factor: 3 } }, { rope_parameters: { rope_type: "linear", factor: 3 } }],
    ["llama", { rope_scaling: null, rope_parameters: {} }, {}],
    ["llama", { rope_scaling: llama3 }, { rope_scaling: { ...llama3, original_max_position_embeddings: 64 } }],
    ["llama", { head_dim: null, num_attention_heads: 2, num_key_value_heads: null }, {
      head_dim: 6,
      num_attention_heads: 2,
      num_key_value_heads: 2,
    }],
    ["qwen2", { use_sliding_window: false, sliding_window: 2, max_window_layers: 0 }, { sliding_window: null }],
    ["gemma2", {}, { layer_types: ["sliding_attention", "full_attention"] }],
    ["mistral", { sliding_window: 64 }, { sliding_window: null }],
  ];
  for (const [family, older, newer] of pairs) {
    assertAllClose(logits(family, older), logits(family, newer), { atol: 0, rtol: 0 });
  }
  const plain = logits("llama", {}).dataSync();
  assert(logits("llama", { rope_scaling: llama3 }).dataSync().some((logit, i) => Math.abs(logit - plain[i]) > 1e-3));
});
