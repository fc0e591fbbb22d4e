import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import { randomStream } from "../../../lib/random/random.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { generate, generateScored } from "../../../lib/models/generation/generate.ts";
import { promptSeed } from "../../../lib/models/generation/generation_seeds.ts";
import { sampleToken } from "../../../lib/models/generation/sample_token.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { TINY_VOCABULARY, tinyModel } from "../../support/tiny_model.ts";

await useEngine("wasm");
const model = tinyModel(5);

const prompt = fc.array(fc.nat(TINY_VOCABULARY - 1), { minLength: 1, maxLength: 12 });

/** Greedy continuation without a cache: the whole row again for each token. */
function withoutCache(prompt: number[], count: number): number[] {
  const row = [...prompt];
  for (let i = 0; i < count; i++) {
    const logits = model.logits({ inputIds: [row] });
    const last = logits.dataSync().slice(-TINY_VOCABULARY);
    logits.dispose();
    row.push(last.indexOf(Math.max(...last)));
  }
  return row.slice(prompt.length);
}

Deno.test("generate() equals the computation without a cache, whatever else is in the batch", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(prompt, { minLength: 1, maxLength: 5 }), async (prompts) => {
      const options = { maxNewTokens: 6, temperature: 0, stopTokens: [], batchSize: 3 };
      assertEquals(await generate(model, prompts, options), prompts.map((prompt) => withoutCache(prompt, 6)));
    }),
    { numRuns: 12 },
  );
});

Deno.test("generate() draws the same tokens for a prompt, alone or among others, and others with another seed", async () => {
  const prompts = [[1, 2, 3], [1, 2, 9, 9, 9, 9], [4]];
  const options = { maxNewTokens: 20, seed: 11, stopTokens: [] };
  const together = await generate(model, prompts, options);
  assertEquals(await generate(model, prompts, { ...options, batchSize: 1 }), together);
  assertEquals(await generate(model, prompts.slice(0, 1), options), together.slice(0, 1));
  assert((await generate(model, prompts, { ...options, seed: 12 })).join() !== together.join());
});

Deno.test("generate() ends a row at a stop token, which is its last, and continues with the others", async () => {
  const options = { maxNewTokens: 12, seed: 3, stopTokens: [] as number[] };
  const prompts = [[1], [2], [3], [4]];
  const free = await generate(model, prompts, options);
  const stop = free[1][2];
  const stopped = await generate(model, prompts, { ...options, stopTokens: [stop] });
  free.forEach((row, i) => {
    const end = row.indexOf(stop);
    assertEquals(stopped[i], end < 0 ? row : row.slice(0, end + 1));
  });
});

Deno.test("generate() leaves no tensor behind", async () => {
  const before = tf.memory().numTensors;
  await generate(model, [[1, 2], [3]], { maxNewTokens: 5 });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("generate() refuses invalid arguments, naming them", async () => {
  const cases: [number[][], Record<string, unknown>, string][] = [
    [[[]], {}, "prompt 0 is empty"],
    [[[1]], { maxNewTokens: 0 }, "maxNewTokens must be a positive whole number, current value is 0"],
    [[[1]], { maxNewTokens: 48 }, "exceeds the model's context of 48"],
    [[[1]], { temperature: -1 }, "temperature must be at least 0, current value is -1"],
    [[[1]], { topP: 0 }, "topP must be in (0, 1], current value is 0"],
    [[[1]], { topK: 1.5 }, "topK must be a non-negative whole number, current value is 1.5"],
    [[[1]], { seed: 2 ** 53 }, "the seed must be a whole number of magnitude at most 2^53 − 1"],
  ];
  for (const [prompts, options, part] of cases) {
    await assertRejects(() => generate(model, prompts, { maxNewTokens: 4, ...options }), RangeError, part);
  }
});

const logits = new Float32Array([1, 3, -2, 3, 0]);

Deno.test("sampleToken() takes the first of the most probable tokens at temperature 0 and at topK 1", () => {
  assertEquals(sampleToken(logits, 0.5, { temperature: 0 }), 1);
  assertEquals(sampleToken(logits, 0.5, { topK: 1 }), 1);
});

Deno.test("sampleToken() draws as often as the probabilities say", () => {
  const random = randomStream(9);
  const counts = [0, 0, 0, 0, 0];
  const draws = 20_000;
  for (let i = 0; i < draws; i++) counts[sampleToken(logits, random.uniform(), { temperature: 2 })]++;
  const weights = [...logits].map((logit) => Math.exp(logit / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // χ² with four degrees of freedom exceeds 23.5 once in ten thousand times; the seed is fixed.
  const chiSquared = counts.reduce((sum, count, i) => {
    const expected = draws * weights[i] / total;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  assert(chiSquared < 23.5, `χ² is ${chiSquared}`);
});

Deno.test("sampleToken() draws from the nucleus of topP and the topK alone", () => {
  const random = randomStream(2);
  const drawn = (options: { topP?: number; topK?: number }) => {
    const tokens = new Set(Array.from({ length: 500 }, () => sampleToken(logits, random.uniform(), options)));
    return [...tokens].sort();
  };
  assertEquals(drawn({ topK: 3 }), [0, 1, 3]);
  assertEquals(drawn({ topP: 0.5 }), [1, 3]); // each has 0.46
  assertEquals(drawn({ topP: 0.4 }), [1]);
});

Deno.test("sampleToken() refuses logits that are not numbers, naming the token", () => {
  assertThrows(() => sampleToken(new Float32Array([0, NaN]), 0.5), RangeError, "token 1 has NaN");
  assertThrows(() => sampleToken(new Float32Array([-Infinity]), 0.5), RangeError, "no token");
  assertEquals(sampleToken(new Float32Array([-Infinity, 2]), 0.5), 1);
});

Deno.test("generate() draws a prompt's tokens from the seed that is given for it", async () => {
  const prompts = [[1, 2, 3], [4, 5], [6]];
  const options = { maxNewTokens: 12, stopTokens: [] };
  const seeds = prompts.map((_, index) => promptSeed(11, index));
  const together = await generate(model, prompts, { ...options, seeds });
  for (const [index, prompt] of prompts.entries()) {
    assertEquals(await generate(model, [prompt], { ...options, seeds: [seeds[index]] }), [together[index]]);
  }
  await assertRejects(() => generate(model, prompts, { ...options, seeds: [1] }), RangeError, "one seed for each of 3");
});

Deno.test("generateScored() gives the tokens of generate() with their log-probabilities by the whole row's logits", async () => {
  const prompts = [[1, 2, 3], [4, 5], [6]];
  const options = { maxNewTokens: 6, stopTokens: [], temperature: 0.7, topK: 5, seed: 4 };
  const answers = await generateScored(model, prompts, options);
  assertEquals(answers.map(({ tokens }) => tokens), await generate(model, prompts, options));
  for (const [index, { tokens, logProbabilities }] of answers.entries()) {
    const row = [...prompts[index], ...tokens];
    const logarithms = tf.tidy(() => tf.logSoftmax(model.logits({ inputIds: [row] }))).dataSync();
    const expected = tokens.map((token, i) => logarithms[(prompts[index].length - 1 + i) * TINY_VOCABULARY + token]);
    assertEquals(logProbabilities.length, tokens.length);
    logProbabilities.forEach((each, i) => assert(Math.abs(each - expected[i]) < 1e-4, `${each}, not ${expected[i]}`));
  }
});
