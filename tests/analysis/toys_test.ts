import * as tf from "@tensorflow/tfjs-core";
import { firstToken } from "../../lib/analysis/built_in_models.ts";
import { fitGaussian } from "../../lib/analysis/fit_gaussian.ts";
import { gradientProfile } from "../../lib/analysis/gradient_profile.ts";
import { gaussianMixture, hump, lineOfPoints, logSumExp } from "../../lib/analysis/grid.ts";
import { leastDivergence } from "../../lib/analysis/least_divergence.ts";
import { nextTokens } from "../../lib/analysis/next_tokens.ts";
import { type ToyName, toyPair } from "../../lib/analysis/toys.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { TINY_VOCABULARY, tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("cpu");

Deno.test("lineOfPoints() has both ends, and refuses fewer than two points and infinite ends", () => {
  assertEquals(lineOfPoints({ from: 2, to: 4, count: 3 }), [2, 3, 4]);
  assertThrows(() => lineOfPoints({ from: 0, to: 1, count: 1 }), RangeError, "current value is 1");
  assertThrows(() => lineOfPoints({ from: 0, to: Infinity, count: 3 }), RangeError, "Infinity");
});

Deno.test("toyPair() returns distributions, and refuses a name it does not know", () => {
  for (const name of ["gaussians", "mixtures", "humps"] as const) {
    const { teacher, student } = toyPair(name);
    assertAllClose([logSumExp(teacher), logSumExp(student)], [0, 0]);
  }
  assertThrows(() => toyPair("cats" as ToyName), RangeError, "current value is cats");
});

Deno.test("gaussianMixture() and hump() refuse invalid shapes", () => {
  assertThrows(() => gaussianMixture([0, 1], []), RangeError, "current number is 0");
  assertThrows(() => gaussianMixture([0, 1], [{ mean: 0, deviation: 0 }]), RangeError, "current values are 0");
  assertThrows(() => hump([0, 1], { mean: 9, halfWidth: 1 }), RangeError, "none does");
  assertEquals(logSumExp([-Infinity, -Infinity]), -Infinity);
});

Deno.test("leastDivergence() never rises on its way, and refuses excluded tokens and infinite orders", () => {
  const { values } = leastDivergence(toyPair("mixtures", { count: 31 }), { alpha: 3, lambda: 0.2 });
  assert(values.every((value, i) => i === 0 || value <= values[i - 1] + 1e-12));
  assertThrows(() => leastDivergence(toyPair("humps"), { alpha: 0, lambda: 0.5 }), RangeError, "-Infinity");
  assertThrows(() => leastDivergence(toyPair("gaussians"), { alpha: Infinity, lambda: 0.5 }), RangeError, "Infinity");
  const short = { alpha: 5, lambda: 0.5, maxSteps: 2 };
  assertThrows(() => leastDivergence(toyPair("gaussians"), short), Error, "in 2 steps");
});

Deno.test("fitGaussian() returns the start and every step, and refuses steps that are not a number", () => {
  const pair = toyPair("gaussians", { count: 41 });
  const options = { ...pair, order: "pr", alpha: 0, lambda: 0.5, start: { mean: 0, deviation: 1 } } as const;
  const path = fitGaussian({ ...options, steps: 20 });
  assertEquals([path.length, path[0].mean, path[0].deviation], [21, 0, 1]);
  assert(path[20].value < path[0].value);
  assertThrows(() => fitGaussian({ ...options, steps: 1.5 }), RangeError, "1.5");
});

Deno.test("nextTokens() returns a pair of distributions for each response token", () => {
  const rows = tinyRows(3);
  const [teacher, student] = [tinyModel(1), tinyModel(2)];
  const places = nextTokens({ teacher, student }, rows);
  assertEquals(places.map(({ next }) => next), rows.flatMap(({ ids, promptLength }) => ids.slice(promptLength)));
  assert(places.every(({ teacher }) => teacher.length === TINY_VOCABULARY && Math.abs(logSumExp(teacher)) < 1e-4));
  const { ids, promptLength } = rows[1];
  const logits = tf.logSoftmax(student.logits({ inputIds: [ids] }) as tf.Tensor3D).arraySync() as number[][][];
  const place = places.find(({ row }) => row === 1)!;
  assertAllClose(place.student, logits[0][promptLength - 1], { atol: 1e-4 });
});

Deno.test("firstToken() looks at the first token of the answer", async () => {
  const tokenizer = await loadTokenizer("data/tokenizer");
  const model = tinyModel(1, { vocab_size: tokenizer.vocabularySize, n_positions: 128 });
  const { next } = firstToken({ teacher: model, student: model, tokenizer }, { question: "What?", answer: "bird" });
  assertEquals(tokenizer.decode([next]).trim(), "bird".slice(0, tokenizer.decode([next]).trim().length));
});

Deno.test("gradientProfile() refuses an empty list of places and leaves no tensor behind", () => {
  const options = { order: "pr", alphas: [0, 1], lambdas: [0.5] } as const;
  assertThrows(() => gradientProfile([], options), RangeError, "current number is 0");
  const before = tf.memory().numTensors;
  gradientProfile([toyPair("gaussians", { count: 11 })], options);
  assertEquals(tf.memory().numTensors, before);
});
