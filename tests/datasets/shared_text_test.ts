import { sharedText } from "../../lib/datasets/shared_text.ts";
import { randomStream } from "../../lib/random/random.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";

const words = (from: number, count: number) => Array.from({ length: count }, (_, i) => `w${from + i}`).join(" ");

Deno.test("sharedText() finds runs of thirteen words, whatever their case and punctuation", () => {
  const heldOut = [{ question: "unrelated", answer: "" }, { question: `Say: ${words(0, 20)}!`, answer: "yes" }];
  const rows = [
    { question: words(100, 30), answer: words(200, 30) },
    { question: "other", answer: `${words(300, 5)} ${words(4, 13).toUpperCase().replaceAll(" ", ", ")}` },
    { question: words(5, 12), answer: words(400, 20) },
  ];
  assertEquals(sharedText(rows, { heldOut }), [{ row: 1, heldOut: 1, text: words(4, 13) }]);
  assertEquals(sharedText(rows, { heldOut, words: 12 }).map(({ row }) => row), [1, 2]);
});

Deno.test("sharedText() finds a short question that is asked again, but no short answer", () => {
  const heldOut = [{ question: "Is it so?", answer: "no" }];
  const rows = [{ question: "Why?", answer: "no" }, { question: "is IT so", answer: "yes" }];
  assertEquals(sharedText(rows, { heldOut }), [{ row: 1, heldOut: 0, text: "is it so" }]);
});

Deno.test("sharedText() agrees with a search for every run in every text", () => {
  const random = randomStream(3);
  const text = () => Array.from({ length: random.below(9) }, () => "abc"[random.below(3)]).join(" ");
  const rows = Array.from({ length: 60 }, () => ({ question: text(), answer: text() }));
  const heldOut = Array.from({ length: 6 }, () => ({ question: text(), answer: text() }));
  for (const size of [2, 4, 6]) {
    const runs = (line: string) => {
      const list = line === "" ? [] : line.split(" ");
      return list.map((_, at) => list.slice(at, at + size)).filter(({ length }) => length === size)
        .map((run) => run.join(" "));
    };
    const whole = ({ question }: { question: string }) =>
      question !== "" && question.split(" ").length < size ? [question] : [];
    const all = (row: { question: string; answer: string }) => [
      ...whole(row),
      ...runs(row.question),
      ...runs(row.answer),
    ];
    const expected = rows.flatMap((row, index) =>
      all(row).some((run) => heldOut.some((other) => all(other).includes(run))) ? [index] : []
    );
    assertEquals(sharedText(rows, { heldOut, words: size }).map(({ row }) => row), expected);
  }
});

Deno.test("sharedText() refuses a length that is no positive whole number", () => {
  assertThrows(() => sharedText([], { heldOut: [], words: 0 }), RangeError, "current value is 0");
});
