import { summarizeRuns } from "../../lib/evaluation/summarize_runs.ts";
import { heatMapFigure } from "../../lib/figures/heat_map.ts";
import { sweepPage } from "../../lib/figures/sweep_page.ts";
import { sweepCsv, sweepMarkdown } from "../../lib/figures/sweep_tables.ts";
import { assert, assertEquals } from "../support/mod.ts";

const run = (values: Record<string, string | number>, rougeL: number) => ({
  values,
  scores: { validLoss: 4 - rougeL / 10, rougeL, exactMatch: 12.5 },
});
const settings = summarizeRuns([
  run({ objective: "amid", alpha: -Infinity }, 20),
  run({ objective: "amid", alpha: -Infinity }, 22),
  run({ objective: 'a"b,c|<d>' }, 5),
]);
const table = { settings, varied: ["objective", "alpha"] };

Deno.test("sweepMarkdown() has a line for each setting, deviations where there are several runs, dashes for what is not", () => {
  assertEquals(sweepMarkdown(table).split("\n").slice(0, 4), [
    "| objective | alpha | runs | ROUGE-L | validation loss | exact match | rank by ROUGE-L | rank by loss |",
    "| --- | --- | --: | --: | --: | --: | --: | --: |",
    "| amid | -∞ | 2 | 21.0 ± 1.4 | 1.9000 ± 0.1414 | 12.5 ± 0.0 | 1 | 1 |",
    '| a"b,c\\|<d> | – | 1 | 5.0 | 3.5000 | 12.5 | 2 | 2 |',
  ]);
});

Deno.test("sweepCsv() keeps every digit, and quotes what would break a line", () => {
  const [head, first, second] = sweepCsv(table).split("\n");
  assertEquals(head.split(",").slice(0, 5), ["objective", "alpha", "runs", "rougeL", "rougeLDeviation"]);
  assertEquals(first.split(",").slice(0, 5), ["amid", "-Infinity", "2", "21", String(Math.SQRT2)]);
  assert(second.startsWith('"a""b,c|<d>",,1,5,,'));
});

Deno.test("sweepPage() escapes every text and loads nothing", () => {
  const specification = heatMapFigure([{ x: 0, y: 1, value: 2 }], { xTitle: "a", yTitle: "b", title: "</script>" });
  const page = sweepPage({
    ...table,

    title: "<sweep>",
    figures: [{ specification, caption: "<c>" }],
    notes: ["<note>"],
    config: { teacher: "<t>" },
    plotlySource: "const plotly = 1;",
  });
  for (const text of ["<d>", "<c>", "<note>", "<t>", "<sweep>"]) assert(!page.includes(text), text);
  assert(page.includes("&lt;note&gt;") && page.includes("3 runs of 2 settings."));
  assert(!/(src|href)=/.test(page));
});
