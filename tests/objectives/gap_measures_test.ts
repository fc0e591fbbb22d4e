import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { chunkedLoss } from "../../lib/objectives/chunked_loss.ts";
import { gapMeasures, gapNames, gapSums, namedGaps } from "../../lib/objectives/gap_measures.ts";
import { objective, objectives } from "../../lib/objectives/mod.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

await useEngine("wasm");

/** The definitions, in float64, one token after another. */
function byDefinition(teacher: number[], student: number[], { alpha, lambda }: { alpha: number; lambda: number }) {
  const normalised = (values: number[]) => values.map((value) => value / values.reduce((sum, other) => sum + other));
  const softmax = (logits: number[]) => normalised(logits.map((logit) => Math.exp(logit - Math.max(...logits))));
  const [p, q] = [softmax(teacher), softmax(student)];
  const e = (1 - alpha) / 2;
  const mean = (a: number, b: number) =>
    e === 0 ? a ** lambda * b ** (1 - lambda) : (lambda * a ** e + (1 - lambda) * b ** e) ** (1 / e);
  const r = normalised(p.map((value, token) => mean(value, q[token])));
  const sum = (terms: number[]) => terms.reduce((sum, term) => sum + term, 0);
  const kl = (x: number[], y: number[]) => sum(x.map((value, token) => value * Math.log(value / y[token])));
  const entropy = (x: number[]) => -sum(x.map((value) => value * Math.log(value)));
  const top = (x: number[]) => x.indexOf(Math.max(...x));
  return [kl(p, q), entropy(p), entropy(q), top(p) === top(q) ? 1 : 0, kl(p, r), kl(r, q), entropy(r)];
}

const logits = (size: number) =>
  fc.array(fc.float({ min: -6, max: 6, noNaN: true }), { minLength: size, maxLength: size });

Deno.test("gapMeasures() equals the definitions in float64, at any α and λ", () => {
  const pairs = fc.array(fc.tuple(logits(9), logits(9)), { minLength: 1, maxLength: 5 });
  const mixtures = fc.record({ alpha: fc.constantFrom(-3, -1, 0, 0.5, 1, 3), lambda: fc.constantFrom(0.1, 0.5, 0.9) });
  fc.assert(
    fc.property(pairs, mixtures, (pairs, assistant) => {
      tf.tidy(() => {
        const [teacher, student] = [0, 1].map((side) => tf.tensor2d(pairs.map((pair) => pair[side])));
        const measures = gapMeasures({ teacher, student }, { assistant });
        pairs.forEach(([p, q], token) => {
          // Of tokens whose two largest logits all but agree, float32 may name the other one.
          const ties = [p, q].some((z) => {
            const [first, second] = z.toSorted((a, b) => b - a);
            return first - second < 1e-3;
          });
          gapNames({ assistant }).forEach((name, index) => {
            if (name === "agreement" && ties) return;
            const expected = byDefinition(p, q, assistant)[index];
            assertAllClose(measures[name]!.dataSync()[token], expected, { atol: 2e-5, rtol: 1e-4 });
          });
        });
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("gapMeasures() of a model with itself is 0, and the agreement 1", () => {
  const same = tf.tensor2d([[1, -2, 0.5], [100, -100, 0]]);
  const measures = gapMeasures({ teacher: same, student: same }, { assistant: { alpha: 0.3, lambda: 0.4 } });
  for (const name of ["klTeacherStudent", "klTeacherAssistant", "klAssistantStudent"] as const) {
    assertAllClose(measures[name]!, [0, 0], { atol: 1e-6 });
  }
  assertAllClose(measures.agreement, [1, 1]);
});

Deno.test("gapMeasures() is infinite where the student excludes what the teacher allows, and NaN for NaN", () => {
  const teacher = tf.tensor2d([[0, 0], [NaN, 0]]);
  const student = tf.tensor2d([[0, -Infinity], [0, 0]]);
  const { klTeacherStudent, teacherEntropy, studentEntropy } = gapMeasures({ teacher, student });
  assertEquals([...klTeacherStudent.dataSync()], [Infinity, NaN]);
  assertAllClose(teacherEntropy.dataSync()[0], Math.LN2);
  assertAllClose(studentEntropy, [0, Math.LN2]);
});

Deno.test("gapMeasures() refuses vocabularies that differ and an invalid mixture", () => {
  const [two, three] = [tf.tensor2d([[0, 1]]), tf.tensor2d([[0, 1, 2]])];
  assertThrows(() => gapMeasures({ teacher: two, student: three }), RangeError, "3 (student) and 2 (teacher)");
  const assistant = { alpha: 0, lambda: 2 };
  assertThrows(() => gapMeasures({ teacher: two, student: two }, { assistant }), RangeError, "2");
});

Deno.test("chunkedLoss() measures the same means whatever the chunks, leaves no tensor behind, and changes no loss", () => {
  const [states, theirs] = [tf.randomNormal([11, 4], 0, 2, "float32", 1), tf.randomNormal([11, 5], 0, 2, "float32", 2)];
  const [head, theirHead] = [tf.randomNormal([7, 4], 0, 1, "float32", 3), tf.randomNormal([7, 5], 0, 1, "float32", 4)];
  const theirLogits = tf.matMul(theirs, theirHead, false, true);
  const teacher = {
    logits: (start: number, size: number) => tf.slice(theirLogits, [start, 0], [size, 7]) as tf.Tensor2D,
  };
  const labels = Int32Array.from({ length: 11 }, (_, row) => row % 7);
  const inputs = { states: states as tf.Tensor2D, head: head as tf.Tensor2D, labels, teacher };
  const { assistant, ...amid } = objective("amid", { alpha: 0.5, lambda: 0.2 });
  assert(assistant);
  const pair = { student: tf.matMul(states, head, false, true), teacher: theirLogits };
  const whole = gapMeasures(pair, { assistant });
  const expected = gapNames({ assistant }).map((name) => tf.mean(whole[name]!).dataSync()[0]);
  const options = { objective: amid, distillWeight: 0.5, gradient: true };
  const plain = chunkedLoss(inputs, options);
  const before = tf.memory().numTensors;
  for (const chunkSize of [1, 3, 11, 50]) {
    const measured = chunkedLoss(inputs, { ...options, chunkSize, measure: (pair) => gapSums(pair, { assistant }) });
    assertAllClose(measured.measures!, expected, { atol: 1e-6, rtol: 1e-5 });
    assertAllClose(measured.statesGradient!, plain.statesGradient!, { atol: 1e-6 });
    assertEquals(
      namedGaps(measured.measures!.dataSync(), { assistant }).klTeacherStudent,
      measured.measures!.dataSync()[0],
    );
    tf.dispose(measured);
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("objective() tells the mixture it is built on", () => {
  const mixtures = objectives().map((name) => [name, objective(name as "amid").assistant?.alpha]);
  assertEquals(Object.fromEntries(mixtures.filter(([, alpha]) => alpha !== undefined)), {
    "amid": 0,
    "jensen-shannon": -1,
    "skewed-forward-kl": -1,
    "skewed-reverse-kl": -1,
    "gkd": -1,
    "distillm": -1,
    "taid": 1,
  });
});
