import fc from "fast-check";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { rougeL } from "../../lib/evaluation/rouge_l.ts";

interface Golden {
  pairs: { prediction: string; references: string[]; rougeL: number }[];
}

Deno.test("rougeL() equals rouge-score on every golden pair", async () => {
  const { pairs }: Golden = JSON.parse(await Deno.readTextFile(new URL("../golden/rouge.json", import.meta.url)));
  assert(pairs.length > 200);
  pairs.forEach(({ prediction, references, rougeL: expected }, i) => {
    const actual = rougeL(prediction, references);
    assert(Math.abs(actual - expected) <= 1e-9, `pair ${i}: ${actual}, rouge-score gives ${expected}`);
  });
});

Deno.test("rougeL() equals rouge-score on odd texts", () => {
  // rouge-score 0.1.2 with nltk 3.10.4, use_stemmer=True
  const cases: [string, string, number][] = [
    ["", "a", 0],
    ["…!", "…!", 0],
    ["naïve café", "na ve caf", 1],
    ["the cat sat", "sat the cat on the mat", 4 / 9],
    ["It's flying; flies fly", "its fly flies flew", 0.22222222222222224],
    ["\u212aelvin \u0130stanbul", "kelvin istanbul", 0.4],
  ];
  for (const [prediction, reference, expected] of cases) {
    assertAllClose(rougeL(prediction, [reference]), expected, { atol: 1e-12, rtol: 0 });
  }
});

const letters = fc.constantFrom("a", "b", "c", "d");
const sentence = fc.array(letters, { minLength: 1, maxLength: 100 });

/** The textbook table, a cell at a time. */
function slowCommonLength(a: string[], b: string[]): number {
  let above = new Array(b.length + 1).fill(0);
  for (const token of a) {
    const row = [0];
    b.forEach((other, j) => row.push(token === other ? above[j] + 1 : Math.max(above[j + 1], row[j])));
    above = row;
  }
  return above[b.length];
}

Deno.test("rougeL() agrees with the textbook table across word boundaries", () => {
  fc.assert(fc.property(sentence, sentence, (a, b) => {
    const common = slowCommonLength(a, b);
    const expected = common === 0 ? 0 : 2 * common / (a.length + b.length);
    assertAllClose(rougeL(a.join(" "), [b.join(" ")]), expected, { atol: 1e-12, rtol: 0 });
  }));
});

Deno.test("rougeL() is symmetric, 1 on itself, and takes the best reference", () => {
  fc.assert(fc.property(sentence, sentence, (a, b) => {
    const [x, y] = [a.join(" "), b.join(" ")];
    assertAllClose(rougeL(x, [y]), rougeL(y, [x]), { atol: 1e-12, rtol: 0 });
    assertEquals(rougeL(x, [y, x]), 1);
  }));
});

Deno.test("rougeL() refuses an empty list of references", () => {
  assertThrows(() => rougeL("a", []), RangeError, "at least one reference");
});
