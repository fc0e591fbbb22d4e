import fc from "fast-check";
import { constantAnswers } from "../../lib/datasets/constant_answers.ts";
import { rougeL } from "../../lib/evaluation/rouge_l.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

const exact = (prediction: string, [reference]: string[]) => prediction === reference ? 1 : 0;

Deno.test("constantAnswers() finds the best answer of each kind, as trying all does", () => {
  const output = fc.array(fc.constantFrom("red", "green", "bird", "fish"), { minLength: 1, maxLength: 3 });
  const row = fc.record({ kind: fc.constantFrom("x", "y"), output: output.map((words) => words.join(" ")) });
  fc.assert(fc.property(fc.array(row, { minLength: 1, maxLength: 25 }), (rows) => {
    for (const { kind, answer, score, share } of constantAnswers(rows, { score: rougeL })) {
      const outputs = rows.filter((row) => row.kind === kind).map(({ output }) => output);
      const mean = (answer: string) => outputs.reduce((sum, one) => sum + rougeL(answer, [one]), 0) / outputs.length;
      assertAllClose([score, score], [mean(answer), Math.max(...outputs.map(mean))], { atol: 1e-12, rtol: 0 });
      assertEquals(share, outputs.filter((one) => one === answer).length / outputs.length);
    }
  }));
});

Deno.test("constantAnswers() finds the most frequent of very many answers", () => {
  const rows = Array.from({ length: 500 }, (_, i) => ({ kind: "x", output: i % 5 === 0 ? "often" : `once ${i}` }));
  const [best] = constantAnswers(rows, { score: exact, exhaustive: 100 });
  assertEquals([best.answer, best.share], ["often", 0.2]);
});

Deno.test("constantAnswers() keeps the order of the kinds, and takes the first of equal answers", () => {
  const rows = ["b", "a"].flatMap((kind) => ["one", "two"].map((output) => ({ kind, output })));
  const best = constantAnswers(rows, { score: exact });
  assertEquals(best.map(({ kind, answer }) => kind + answer), ["bone", "aone"]);
  assert(best.every(({ score }) => score === 0.5));
});

Deno.test("constantAnswers() refuses to answer no question", () => {
  assertThrows(() => constantAnswers([], { score: exact }), RangeError, "at least one row is needed");
});
