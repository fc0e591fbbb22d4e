import fc from "fast-check";
import { fileURLToPath } from "node:url";
import { useEngine } from "../../../lib/engines/mod.ts";
import type { LanguageModel } from "../../../lib/models/language_model.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { adjustLogits } from "../../../lib/models/generation/adjust_logits.ts";
import { generate } from "../../../lib/models/generation/generate.ts";
import { sampleToken } from "../../../lib/models/generation/sample_token.ts";
import { checkSampling, type SamplingOptions } from "../../../lib/models/generation/sampling_options.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";

const folder = fileURLToPath(new URL("../../../data/teacher", import.meta.url));

/** Each of our options beside those of transformers. */
const cases: { ours: SamplingOptions; theirs: Record<string, unknown> }[] = [
  { ours: {}, theirs: {} },
  // By its bias one token would go on for ever.
  {
    ours: { noRepeatNgramSize: 6, logitBias: new Map([[260, 20]]) },
    theirs: { no_repeat_ngram_size: 6, sequence_bias: [[260, 20]] },
  },
  { ours: { noRepeatNgramSize: 2 }, theirs: { no_repeat_ngram_size: 2 } },
  { ours: { repetitionPenalty: 1.3 }, theirs: { repetition_penalty: 1.3 } },
  {
    ours: { repetitionPenalty: 0.8, noRepeatNgramSize: 3 },
    theirs: { repetition_penalty: 0.8, no_repeat_ngram_size: 3 },
  },
  {
    ours: { logitBias: new Map([[414, -3], [659, -Infinity], [628, 1.5]]) },
    theirs: { sequence_bias: [[414, -3], [659, -1e30], [628, 1.5]] },
  },
];

testWithPython(
  ["torch", "transformers"],
  "generate() continues 48 prompts as transformers does with the same n-gram size, penalty or bias",
  async () => {
    await useEngine("wasm");
    const random = randomStream(6);
    // Prompts that repeat themselves, so that there is something to forbid.
    const prompts = Array.from({ length: 48 }, () => {
      const part = Array.from(
        { length: [1, 3, 6][random.below(3)] },
        () => Math.floor(4000 * random.uniform()),
      );
      return Array.from({ length: 1 + Math.floor(3 * random.uniform()) }, () => part).flat();
    });
    const maxNewTokens = 12;
    const asked = { folder, prompts, maxNewTokens, options: cases.map(({ theirs }) => theirs) };
    const script = fileURLToPath(new URL("../../python/generate_adjusted.py", import.meta.url));
    const file = await Deno.makeTempFile({ suffix: ".json" });
    await Deno.writeTextFile(file, JSON.stringify(asked));
    const run = `import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
    const expected: number[][][] = JSON.parse(await python(run, [script, file]));
    const model = await loadModel(folder);
    let ties = 0;
    for (const [index, { ours }] of cases.entries()) {
      const written = await generate(model, prompts, { maxNewTokens, temperature: 0, ...ours });
      for (const [place, tokens] of written.entries()) {
        if (tokens.join() === expected[index][place].join()) continue;
        // Rounding may decide between tokens that are as probable as one another.
        const gap = gapAtFirstDifference(model, prompts[place], {
          written: tokens,
          other: expected[index][place],
          ours,
        });
        assert(gap < 1e-4, `${JSON.stringify(ours)}: prompt ${place} continues with ${tokens}, logits ${gap} apart`);
        ties++;
      }
    }
    assert(ties <= 3, `${ties} answers differ`);
    for (const other of expected.slice(1)) assert(other.join() !== expected[0].join(), "an option changed nothing");
    assert(expected[1].every((tokens) => tokens.some((token) => token !== 260)), "no n-gram of six was refused");
  },
);

/** How far the logits of the first two tokens that differ are apart. */
function gapAtFirstDifference(
  model: LanguageModel,
  prompt: readonly number[],
  { written, other, ours }: { written: readonly number[]; other: readonly number[]; ours: SamplingOptions },
): number {
  const place = written.findIndex((token, index) => token !== other[index]);
  const row = [...prompt, ...written.slice(0, place)];
  const logits = model.logits({ inputIds: [row] });
  const last = adjustLogits(Float32Array.from(logits.dataSync().slice(-model.vocabularySize)), row, ours);
  logits.dispose();
  return Math.abs(last[written[place]] - last[other[place]]);
}

Deno.test("adjustLogits() leaves no n-gram of the row a second time, and every other token as it was", () => {
  const row = fc.array(fc.nat(4), { maxLength: 30 });
  fc.assert(fc.property(row, fc.integer({ min: 1, max: 5 }), (tokens, size) => {
    const logits = Float32Array.from({ length: 5 }, (_, token) => token);
    const seen = new Set(
      tokens.map((_, start) => tokens.slice(start, start + size)).filter((part) => part.length === size).map(String),
    );
    const before = tokens.slice(Math.max(0, tokens.length - size + 1));
    const expected = logits.map((logit, token) => seen.has(String([...before, token])) ? -Infinity : logit);
    assertEquals(adjustLogits(logits, tokens, { noRepeatNgramSize: size }), expected);
    assertEquals([...logits], [0, 1, 2, 3, 4]);
  }));
});

Deno.test("sampleToken() draws only tokens with the share minP of the largest probability, of those that topP left", () => {
  const logits = Float32Array.from([0.5, 0.3, 0.1, 0.06, 0.04], Math.log);
  const random = randomStream(4);
  const drawn = (options: SamplingOptions) =>
    [...new Set(Array.from({ length: 600 }, () => sampleToken(logits, random.uniform(), options)))].sort();
  assertEquals(drawn({ minP: 0.19 }), [0, 1, 2]);
  assertEquals(drawn({ minP: 1 }), [0]);
  assertEquals(drawn({ minP: 0.19, topP: 0.8 }), [0, 1]);
  assertEquals(drawn({ minP: 0.1, topK: 4 }), [0, 1, 2, 3]);
});

Deno.test("sampling options that make no sense are refused by name", () => {
  const wrong: [SamplingOptions, string][] = [
    [{ minP: 1.5 }, "minP must be in [0, 1], current value is 1.5"],
    [{ minP: NaN }, "minP must be in [0, 1], current value is NaN"],
    [{ repetitionPenalty: 0 }, "repetitionPenalty must be above 0, current value is 0"],
    [{ noRepeatNgramSize: -1 }, "noRepeatNgramSize must be a non-negative whole number, current value is -1"],
    [
      { logitBias: new Map([[0.5, 1]]) },
      "a token of logitBias must be a non-negative whole number, current value is 0.5",
    ],
    [{ logitBias: new Map([[7, NaN]]) }, "the logitBias of token 7 must be a number below infinity"],
  ];
  for (const [options, message] of wrong) assertThrows(() => checkSampling(options), RangeError, message);
  const outside = () => adjustLogits(new Float32Array(5), [], { logitBias: new Map([[5, 1]]) });
  assertThrows(outside, RangeError, "a token of logitBias must be in the vocabulary of 5, current value is 5");
});
