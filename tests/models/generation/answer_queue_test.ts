import fc from "fast-check";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { generate } from "../../../lib/models/generation/generate.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";
import { tinyModel } from "../../support/tiny_model.ts";
import { testOnEngines } from "../../engines/on_engines.ts";

const prompt = fc.array(fc.nat(20), { minLength: 1, maxLength: 9 });
const asked = fc.record({
  // Prompts that are alike, or begin alike, are computed together.
  prompts: fc.array(fc.oneof(prompt, fc.constant([3, 1, 4, 1, 5]), prompt.map((rest) => [3, 1, 4, ...rest])), {
    minLength: 1,
    maxLength: 12,
  }),
  batchSize: fc.integer({ min: 1, max: 5 }),
  maxNewTokens: fc.integer({ min: 1, max: 12 }),
  sampling: fc.constantFrom({ temperature: 0 }, { temperature: 1.2, topK: 7 }, { temperature: 0.8, topP: 0.9 }),
  stops: fc.integer({ min: 0, max: 6 }),
  seed: fc.nat(1000),
});

for (const family of ["gpt2", "llama", "mistral", "gemma2", "qwen3"]) {
  testOnEngines(
    `${family}: answers do not depend on how many places there are, nor on who had them before`,
    async () => {
      const model = await loadModel(fileURLToPath(new URL(`../../golden/models/${family}/`, import.meta.url)));
      const size = model.vocabularySize;
      const before = tf.memory().numTensors;
      let ended = 0;
      await fc.assert(
        fc.asyncProperty(asked, async ({ prompts, stops, sampling, batchSize, maxNewTokens, seed }) => {
          // Some tokens end answers, so that places become free one after another.
          const stopTokens = Array.from({ length: size }, (_, token) => token).filter((token) => token % 7 < stops);
          const options = { maxNewTokens, stopTokens, seed, ...sampling };
          const together = await generate(model, prompts, { ...options, batchSize });
          const alone = await generate(model, prompts, { ...options, batchSize: 1 });
          ended += together.filter(({ length }) => length < maxNewTokens).length;
          assertEquals(together, alone);
        }),
        { numRuns: 12 },
      );
      assert(ended > 0, "no answer ended early");
      assertEquals(tf.memory().numTensors, before);
      model.dispose();
    },
    { except: ["webgpu"] },
  );
}

testOnEngines("generate() keeps keys and values within cacheMiB, and refuses a bound that holds no row", async () => {
  const model = tinyModel(5);
  const prompts = Array.from({ length: 8 }, (_, i) => [i, 1, 2]);
  const options = { maxNewTokens: 5, temperature: 0, stopTokens: [] };
  const free = await generate(model, prompts, options);
  const widest: number[] = [];
  const { states } = model;
  model.states = (tokens, more) => {
    widest.push(tokens.rowLengths.length);
    return states.call(model, tokens, more);
  };
  const { layers, headSize, heads } = model.config;
  const row = (3 + 5 + 64) * layers * heads * headSize * 8 / 2 ** 20;
  assertEquals(await generate(model, prompts, { ...options, cacheMiB: 3.5 * row }), free);
  assertEquals(Math.max(...widest), 3);
  await assertRejects(
    () => generate(model, prompts, { ...options, cacheMiB: row / 2 }),
    RangeError,
    "Cannot generate: cacheMiB must hold one row, which takes up to",
  );
  await assertRejects(() => generate(model, prompts, { ...options, cacheMiB: 0 }), RangeError, "must be above 0");
  model.dispose();
}, { except: ["webgpu"] });
