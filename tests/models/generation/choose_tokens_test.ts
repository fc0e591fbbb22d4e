import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../../../lib/kernels/fused.ts";
import { adjustLogits } from "../../../lib/models/generation/adjust_logits.ts";
import { chooseTokens, type ChoosingRow } from "../../../lib/models/generation/choose_tokens.ts";
import { sampleToken } from "../../../lib/models/generation/sample_token.ts";
import type { SamplingOptions } from "../../../lib/models/generation/sampling_options.ts";
import { uniformAt } from "../../../lib/random/philox.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { testOnEngines } from "../../engines/on_engines.ts";
import { testOnTorch } from "../../engines/torch/support.ts";

/** Logits of about the spread of a model's; in steps, where equal ones should be many. */
function someLogits(size: number, { seed, step = 0 }: { seed: number; step?: number }): Float32Array<ArrayBuffer> {
  const random = randomStream(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  return Float32Array.from({ length: size }, () => step > 0 ? step * Math.round(3 * normal() / step) : 3 * normal());
}

const options: fc.Arbitrary<SamplingOptions> = fc.record({
  temperature: fc.constantFrom(0, 0.5, 1, 1.7),
  topP: fc.constantFrom(1, 0.99, 0.9, 0.5),
  topK: fc.constantFrom(0, 1, 5, 50, 400),
  minP: fc.constantFrom(0, 0.001, 0.1),
  repetitionPenalty: fc.constantFrom(1, 1.3),
  noRepeatNgramSize: fc.constantFrom(0, 1, 2),
  logitBias: fc.constantFrom(undefined, new Map([[0, -Infinity], [2, 1.5]])),
});

testOnEngines("chooseTokens() chooses what the rule for one row does, equal logits included", async () => {
  const settings = fc.record({
    options,
    size: fc.constantFrom(6, 40, 700, 5000),
    step: fc.constantFrom(0, 0.25),
    seed: fc.nat(1000),
  });
  await fc.assert(
    fc.asyncProperty(settings, async ({ options, size, step, seed }) => {
      const each = [0, 1, 2, 3].map((row) => someLogits(size, { seed: 4 * seed + row, step }));
      const rows: ChoosingRow[] = each.map((_, row) => ({ tokens: [1, 2, 1, row % 3, 1], seed: seed + row }));
      const logits = tf.tensor2d(each.flatMap((numbers) => [...numbers]), [4, size]);
      const expected = each.map((numbers, row) => {
        const { tokens, seed } = rows[row];
        return sampleToken(adjustLogits(numbers, tokens, options), uniformAt(seed, tokens.length), options);
      });
      const chosen = await chooseTokens(logits, rows, options);
      logits.dispose();
      assertEquals(chosen.map(({ token }) => token), expected);
    }),
    { numRuns: 60 },
  );
});

testOnEngines("chooseTokens() says how probable a token is by the model, whatever the options", async () => {
  const numbers = someLogits(300, { seed: 8 });
  const logits = tf.tensor2d(numbers, [1, 300]);
  const total = numbers.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const sampling = { temperature: 0.6, topK: 9, repetitionPenalty: 1.4, logitBias: new Map([[7, 2]]), scored: true };
  for (let seed = 0; seed < 20; seed++) {
    const [{ token, logProbability }] = await chooseTokens(logits, [{ tokens: [7, 3], seed }], sampling);
    assert(Math.abs(logProbability! - (numbers[token] - Math.log(total))) < 1e-5, `${token}: ${logProbability}`);
  }
  logits.dispose();
});

testOnEngines("chooseTokens() refuses logits that are not numbers, and rows in which all is banned", async () => {
  const choose = async (numbers: number[], sampling: SamplingOptions) => {
    const logits = tf.tensor2d(numbers, [1, numbers.length]);
    try {
      return await chooseTokens(logits, [{ tokens: [0], seed: 1 }], sampling);
    } finally {
      logits.dispose();
    }
  };
  for (const sampling of [{ temperature: 0 }, { topP: 0.9 }, {}]) {
    await assertRejects(() => choose([0, NaN, 2], sampling), RangeError, "token 1 has NaN");
    await assertRejects(() => choose([0, Infinity], sampling), RangeError, "token 1 has Infinity");
    const logitBias = new Map([[0, -Infinity], [1, -Infinity]]);
    await assertRejects(() => choose([0, 1], { ...sampling, logitBias }), RangeError, "no token has a finite logit");
    assertEquals((await choose([-Infinity, 0], sampling))[0].token, 1);
  }
  const outside = () => choose([0, 1], { logitBias: new Map([[5, 1]]) });
  await assertRejects(outside, RangeError, "must be in the vocabulary of 2, current value is 5");
});

const filters: SamplingOptions[] = [
  { temperature: 0.7 },
  { topK: 12 },
  { topP: 0.85 },
  { minP: 0.06 },
  { temperature: 1.5, topK: 40, topP: 0.7 },
  { temperature: 0.8, topK: 30, topP: 0.9, minP: 0.05 },
];

const DISTRIBUTIONS = `
import json, sys, torch
from transformers import (LogitsProcessorList, MinPLogitsWarper, TemperatureLogitsWarper, TopKLogitsWarper,
                          TopPLogitsWarper)
asked = json.loads(sys.argv[1])
logits = torch.tensor([asked["logits"]], dtype=torch.float64)
out = []
for o in asked["filters"]:
    warpers = LogitsProcessorList([TemperatureLogitsWarper(float(o.get("temperature", 1)))])
    if "topK" in o: warpers.append(TopKLogitsWarper(o["topK"]))
    if "topP" in o: warpers.append(TopPLogitsWarper(o["topP"]))
    if "minP" in o: warpers.append(MinPLogitsWarper(o["minP"]))
    out.append(torch.softmax(warpers(None, logits), -1)[0].tolist())
print(json.dumps(out))
`;

testWithPython(
  ["torch", "transformers"],
  "sampleToken() has the distributions of transformers' filters",
  async () =>
    await compareWithTransformers((logits, uniforms, sampling) => {
      return uniforms.map((uniform) => sampleToken(logits, uniform, sampling));
    }),
);

testOnTorch("ChooseTokens has the distributions of transformers' filters", async () => {
  assert(hasKernel("ChooseTokens"), "the engine has no such kernel");
  await compareWithTransformers((logits, uniforms, { temperature = 1, topP = 1, topK = 0, minP = 0 }) =>
    tf.tidy(() => {
      const rows = tf.tile(tf.tensor2d(logits, [1, logits.length]), [uniforms.length, 1]);
      const none = { penalized: new Int32Array(), penalty: 1, banned: new Int32Array(), scored: false };
      const bias = { biased: new Int32Array(), biases: new Float32Array() };
      const attrs = { temperature, topP, topK, minP, uniforms: Float64Array.from(uniforms), ...none, ...bias };
      return Array.from(runKernel<tf.Tensor[]>("ChooseTokens", { logits: rows }, attrs)[0].dataSync());
    }) as unknown as number[]
  );
});

/** Those of transformers, for each of the filters; Python starts once. */
let distributions: Promise<number[][]> | undefined;

/** With evenly spaced random numbers each token comes as often as it is probable, to two of them. */
async function compareWithTransformers(
  draw: (logits: Float32Array<ArrayBuffer>, uniforms: number[], sampling: SamplingOptions) => number[],
): Promise<void> {
  const logits = someLogits(500, { seed: 3 });
  const asked = JSON.stringify({ logits: [...logits], filters });
  distributions ??= python(DISTRIBUTIONS, [asked]).then(JSON.parse);
  const expected = await distributions;
  const draws = 2000;
  const uniforms = Array.from({ length: draws }, (_, i) => (i + 0.5) / draws);
  for (const [index, sampling] of filters.entries()) {
    const counts = Array(logits.length).fill(0);
    for (const token of draw(logits, uniforms, sampling)) counts[token]++;
    expected[index].forEach((probability, token) => {
      const away = Math.abs(counts[token] - draws * probability);
      assert(
        away < 2,
        `${JSON.stringify(sampling)}: token ${token} came ${counts[token]} times, not ${draws * probability}`,
      );
      assert(probability > 0 || counts[token] === 0, `${JSON.stringify(sampling)}: token ${token} is filtered out`);
    });
  }
}
