/** Sparse answers whose tail is a sample. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { checkSparseAnswer } from "../../lib/distributions/check_sparse_answer.ts";
import type { SparseAnswer } from "../../lib/distributions/sparse_answer.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { logitsLoss } from "../../lib/objectives/logits_loss.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { cached } from "../../lib/teachers/cached.ts";
import { drawn, sampledTail } from "../../lib/teachers/sampled_tail.ts";
import { sparse } from "../../lib/teachers/sparse.ts";
import { targetsFrom } from "../../lib/teachers/targets/kept_targets.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { Trainer, type TrainerOptions } from "../../lib/training/step/trainer.ts";
import { logSoftmax } from "../divergences/reference.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";

await useEngine("wasm");

const VOCABULARY = 12;
const rowsOf = (logits: tf.Tensor2D) => logits.arraySync().map((row) => logSoftmax(row).map(Math.exp));

/** The probabilities of an answer, [c, V]. */
function estimateOf({ ids, logProbs, own }: SparseAnswer, labels: Int32Array): number[][] {
  const k = ids.length / labels.length;
  return Array.from(labels, (label, place) => {
    const probs = new Array(VOCABULARY).fill(0);
    for (let at = place * k; at < (place + 1) * k; at += 1) probs[ids[at]] = Math.exp(logProbs[at]);
    probs[label] = Math.exp(own[place]);
    return probs;
  });
}

const cases = [{ topK: 3, samples: 2 }, { topK: 0, samples: 4 }, { topK: 5, samples: 1 }, { topK: 2, samples: 9 }];
const logits = tf.randomNormal([2, VOCABULARY], 0, 1.5, "float32", 5) as tf.Tensor2D;
const labels = Int32Array.of(3, 8);
const STARTS = 400;
const answersOf = (options: { topK: number; samples: number }) =>
  Array.from({ length: STARTS }, (_, index) => {
    const starts = new Float64Array(2).fill((index + 0.5) / STARTS);
    return drawn(logits, { labels, ...options, starts });
  });
const mean = (lists: readonly (readonly number[])[]) =>
  lists[0].map((_, at) => lists.reduce((sum, list) => sum + list[at], 0) / lists.length);

Deno.test("sampledTail() gives every token its probability in expectation, and the named ones exactly", () => {
  const expected = rowsOf(logits);
  for (const options of cases) {
    const estimates = answersOf(options).map((answer) => estimateOf(answer, labels));
    expected.forEach((probs, place) => {
      const atPlace = estimates.map((estimate) => estimate[place]);
      // Starts lie on a grid, whose mean is off by at most one of its steps for each token.
      assertAllClose(mean(atPlace), probs, { atol: 1 / STARTS / options.samples, rtol: 1e-6 });
      const best = probs.map((_, id) => id).sort((a, b) => probs[b] - probs[a]).slice(0, options.topK);
      for (const id of [...best, labels[place]]) {
        assertAllClose(
          atPlace.map((each) => each[id]),
          atPlace.map(() => probs[id]),
          { atol: 1e-6, rtol: 1e-5 },
        );
      }
    });
  }
});

Deno.test("sampledTail() returns the forward KL the gradient of whole distributions in expectation", () => {
  const student = tf.randomNormal([2, VOCABULARY], 0, 1, "float32", 6) as tf.Tensor2D;
  const gradientFrom = (teacher: tf.Tensor2D | SparseAnswer) =>
    tf.tidy(() => {
      const options = { objective: objective("forward-kl"), distillWeight: 1, totalTokens: 1, gradient: true };
      return [...logitsLoss({ student: tf.clone(student), teacher, labels }, options).gradient!.dataSync()];
    });
  const whole = gradientFrom(logits);
  for (const options of cases) {
    assertAllClose(mean(answersOf(options).map(gradientFrom)), whole, {
      atol: 1 / STARTS / options.samples + 1e-6,
      rtol: 0,
    });
  }
});

Deno.test("sampledTail() always gives a valid answer", () => {
  const arbitrary = fc.record({
    seed: fc.nat(),
    scale: fc.constantFrom(0, 1, 30),
    topK: fc.nat({ max: 6 }),
    samples: fc.integer({ min: 1, max: 5 }),
    start: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    label: fc.nat({ max: VOCABULARY - 1 }),
  });
  fc.assert(fc.property(arbitrary, ({ seed, scale, topK, samples, start, label }) => {
    const logits = tf.randomNormal([1, VOCABULARY], 0, scale, "float32", seed) as tf.Tensor2D;
    const labels = Int32Array.of(label);
    const answer = drawn(logits, { labels, topK, samples, starts: Float64Array.of(start) });
    const options = { labels, vocabularySize: VOCABULARY, topK: topK + samples, source: "it", placeOf: () => "" };
    checkSparseAnswer(answer, options);
    assertAllClose([estimateOf(answer, labels)[0].reduce((sum, p) => sum + p, 0)], [1], { atol: 1e-5, rtol: 0 });
    logits.dispose();
  }));
});

const optimizer = { learningRate: 1e-2 };
const trainerWith = (teacher: Teacher, options: Partial<TrainerOptions> = {}) =>
  new Trainer({
    student: tinyModel(1),
    teacher,
    objective: objective("forward-kl"),
    totalSteps: 5,
    optimizer,
    ...options,
  });

Deno.test("sampledTail() teaches, with the same draws for the same row and seed, and from a folder too", async () => {
  const folder = await Deno.makeTempDir();
  const rows = tinyRows(4);
  const lossesOf = async (teacher: Teacher) => {
    const trainer = trainerWith(teacher);
    const losses: number[] = [];
    for (let step = 0; step < 4; step += 1) losses.push((await trainer.step(rows)).loss);
    return losses;
  };
  const make = (seed: number) => sampledTail(tinyModel(2), { topK: 4, samples: 6, seed });
  const first = await lossesOf(make(1));
  assert(first.at(-1)! < first[0]);
  assertEquals(await lossesOf(make(1)), first);
  assert((await lossesOf(make(2)))[0] !== first[0]);
  const packed = await lossesOf(cached(make(1), { folder, bits: 16 }));
  assertAllClose(packed, first, { atol: 5e-3, rtol: 5e-3 });
  const kept = targetsFrom(folder);
  assertEquals(await lossesOf(kept), packed);
  assertThrows(() => trainerWith(kept, { objective: objective("amid") }), TypeError, "estimates probabilities");
});

Deno.test("sampledTail() teaches only what is linear in its probabilities, and names bad numbers", () => {
  const teacher = sampledTail(tinyModel(2), { topK: 4, samples: 6 });
  const refused = (options: Partial<TrainerOptions>, message: string) =>
    assertThrows(() => trainerWith(teacher, options), TypeError, message);
  for (const name of ["amid", "reverse-kl", "gkd", "balanced"] as const) {
    refused(
      { objective: objective(name) },
      `such as forward-kl at temperature 1; current one is the objective ${name}`,
    );
  }
  refused({ temperature: 2 }, "current one is a temperature of 2");
  const model = tinyModel(2);
  for (
    const options of [{ topK: -1, samples: 1 }, { topK: 50, samples: 3 }, { topK: 1, samples: 0 }, {
      topK: 1.5,
      samples: 1,
    }]
  ) {
    assertThrows(
      () => sampledTail(model, options),
      RangeError,
      `current values are ${options.topK} and ${options.samples}`,
    );
  }
  assertThrows(() => sampledTail(sparse(model, { topK: 4 }), { topK: 1, samples: 1 }), TypeError, "names 4 tokens");
});
