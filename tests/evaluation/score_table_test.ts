import { scoresAsCsv, scoresAsHtml, scoresAsMarkdown } from "../../lib/evaluation/format_score_table.ts";
import { scoreTable, type SeedScore } from "../../lib/evaluation/score_table.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

/** Two models, two sets, two seeds; ROUGE-L as listed, exact match a tenth of it. */
const scores: SeedScore[] = Object.entries({ "a|b": [20, 22, 10, 11], "<i>c</i>": [30, 30, 5, 9] }).flatMap(
  ([model, values]) =>
    values.map((rougeL, index) => ({
      model,
      set: index < 2 ? "dolly" : "vicuna",
      seed: index % 2 === 0 ? 10 : 20,
      rougeL,
      exactMatch: rougeL / 10,
    })),
);

Deno.test("scoreTable() returns mean and standard deviation over the seeds, of the average too", () => {
  const { sets, seeds, lines } = scoreTable(scores, "rougeL");
  assertEquals([sets, seeds, lines.map(({ model }) => model)], [["dolly", "vicuna"], [10, 20], ["a|b", "<i>c</i>"]]);
  // By hand: mean, and root of the mean square, of [20, 22], [10, 11], [15, 16.5]; [30, 30], [5, 9], [17.5, 19.5]
  assertAllClose(lines.flatMap(({ cells }) => cells.map(({ mean }) => mean)), [21, 10.5, 15.75, 30, 7, 18.5]);
  assertAllClose(lines.flatMap(({ cells }) => cells.map(({ deviation }) => deviation)), [1, 0.5, 0.75, 0, 2, 1]);
  assertEquals(lines.map(({ cells }) => cells.map(({ best }) => best)), [[false, true, false], [true, false, true]]);
});

Deno.test("scoreTable() calls means that are shown alike both the best", () => {
  const score = (model: string, rougeL: number) => ({ model, set: "s", seed: 1, rougeL, exactMatch: 0 });
  const { lines } = scoreTable([score("a", 10.001), score("b", 10.004), score("c", 9.99)], "rougeL");
  assertEquals(lines.map(({ cells }) => cells[0].best), [true, true, false]);
});

Deno.test("scoreTable() refuses gaps and doubles, naming model, set and seed", () => {
  assertThrows(() => scoreTable([], "rougeL"), RangeError, "current count is 0");
  assertThrows(() => scoreTable(scores.slice(0, -1), "rougeL"), RangeError, "<i>c</i> must have one on vicuna");
  assertThrows(() => scoreTable([...scores, scores[0]], "rougeL"), RangeError, "under seed 10, it has 2");
});

Deno.test("scoresAsMarkdown() sets the best in bold and escapes what would be markup", () => {
  const lines = scoresAsMarkdown([scoreTable(scores, "rougeL")]).split("\n");
  assertEquals(lines, [
    "ROUGE-L, in points of 100, mean ± standard deviation over seeds 10, 20.",
    "",
    "| model | dolly | vicuna | average |",
    "| --- | ---: | ---: | ---: |",
    "| a\\|b | 21.00 ± 1.00 | **10.50 ± 0.50** | 15.75 ± 0.75 |",
    "| \\<i\\>c\\</i\\> | **30.00 ± 0.00** | 7.00 ± 2.00 | **18.50 ± 1.00** |",
    "",
  ]);
});

Deno.test("scoresAsCsv() writes a line a cell, with quotes where a text needs them", () => {
  const odd = scores.map((score) => ({ ...score, model: score.model.replace("|", ',"') }));
  const lines = scoresAsCsv([scoreTable(odd, "rougeL"), scoreTable(odd, "exactMatch")]).split("\r\n");
  assertEquals(lines.length, 1 + 2 * 2 * 3 + 1);
  assertEquals(lines.slice(0, 2), ["metric,model,set,mean,deviation,seeds", 'rougeL,"a,""b",dolly,21,1,10 20']);
  assertEquals(lines.at(-4), "exactMatch,<i>c</i>,dolly,3,0,10 20");
  assert(lines.at(-2)!.startsWith("exactMatch,<i>c</i>,average,1.85,"));
});

Deno.test("scoresAsHtml() escapes every text and sets the best in bold", () => {
  const page = scoresAsHtml([scoreTable(scores, "rougeL")], { title: "A & B" });
  assert(!page.includes("<i>") && page.includes("&lt;i&gt;c&lt;/i&gt;") && page.includes("<h1>A &amp; B</h1>"));
  assertEquals(page.match(/<strong>[^<]*/g), ["<strong>10.50", "<strong>30.00", "<strong>18.50"]);
  assert(!page.includes("<script"));
});
