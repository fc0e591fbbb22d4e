import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { kindScoresFigure } from "../../lib/figures/kind_scores.ts";
import { trainingLossFigure } from "../../lib/figures/loss_curves.ts";
import { reportPage, type ReportPageOptions } from "../../lib/figures/report_page.ts";
import { type ModelScores, runGains, type RunResult } from "../../lib/figures/run_result.ts";

const scores = (validLoss: number, rougeL: number): ModelScores => ({
  ...{ validLoss, rougeL, exactMatch: rougeL - 5 },
  kinds: { "part of speech": { rougeL, exactMatch: 1, count: 64 } },
});

const result: RunResult = {
  ...{ engine: "wasm", seconds: 163.4, teacher: scores(3, 50), start: scores(4, 20), student: scores(3.25, 31.5) },
  constant: { rougeL: 24, exactMatch: 20, kinds: { "part of speech": { rougeL: 24, exactMatch: 20 } } },
};

const options: ReportPageOptions = {
  ...{ title: "quick", summary: "A summary.", result, config: { steps: 300, alpha: -Infinity, engine: "wasm" } },
  figures: [{ specification: trainingLossFigure([{ step: 1, loss: 2 }]), caption: "Loss." }],
  examples: [{ prompt: "Which?", references: ["noun"], teacher: "Noun.", start: "", student: "verb" }],
  plotlySource: "var Plotly = {};",
};

Deno.test("runGains() computes the share of the gap and the points gained", () => {
  assertEquals(runGains(result), { gapClosed: 0.75, rougeLGained: 11.5, aboveConstant: 7.5 });
  assertEquals(runGains({ ...result, teacher: scores(4, 50) }).gapClosed, undefined);
});

Deno.test("reportPage() shows headline numbers, scores, answers and configuration", () => {
  const page = reportPage(options);
  for (const part of ["75<small>%", ">11.5<small>", ">7.5<small>", "3.2500", "part of speech", "Which?", "-Infinity"]) {
    assert(page.includes(part), `${part} is missing`);
  }
});

Deno.test("reportPage() ticks exact matches only, and names an empty answer", () => {
  const page = reportPage(options);
  assertEquals(page.match(/✓/g)?.length, 1);
  assert(page.includes("Noun.<span") && page.includes("no answer"));
});

Deno.test("reportPage() shows losses and dashes where the teacher is no better or a score is missing", () => {
  const page = reportPage({ ...options, result: { ...result, teacher: scores(4, 50), student: scores(4.5, 10) } });
  assert(
    page.includes('<div class="value">–</div>') && page.includes('ROUGE-L lost</div><div class="value">10.0<small>'),
  );
});

Deno.test("reportPage() escapes every text and ends no element early", () => {
  const evil = `</script><img src=x onerror="alert('1')">`;
  const kinds = { [evil]: { rougeL: 1, exactMatch: 1, count: 1 } };
  const hostile = { ...scores(3, 50), kinds };
  const page = reportPage({
    ...{ title: evil, summary: evil, config: { [evil]: evil } },
    result: { engine: evil, seconds: 1, teacher: hostile, start: hostile, student: hostile, constant: hostile },
    figures: [{ specification: kindScoresFigure({ ...result, teacher: hostile, start: hostile }), caption: evil }],
    examples: [{ prompt: evil, kind: evil, references: [evil], teacher: evil, start: evil, student: evil }],
    plotlySource: 'var Plotly = "</script>";',
  });
  assert(!page.includes("<img"), "markup of a text came through");
  assertEquals(page.match(/<script\b/g)?.length, page.match(/<\/script>/g)?.length);
  assertEquals(page.match(/<\/script>/g)?.length, 3);
});

Deno.test("reportPage() loads nothing", () => {
  const page = reportPage(options);
  assert(!/\b(src|href)=|@import|url\(/.test(page));
  assert(page.includes("default-src 'none'"));
});

Deno.test("reportPage() leaves plotly out where there is no figure", () => {
  assert(!reportPage({ ...options, figures: [] }).includes("Plotly"));
});

Deno.test("kindScoresFigure() has bars for each model with labels that are escaped", () => {
  const { data } = kindScoresFigure(result);
  assertEquals(data.map(({ name, y }) => [name, y[0]]), [
    ...[["constant", 24], ["start", 20], ["student", 31.5], ["teacher", 50]],
  ]);
  assertThrows(() => kindScoresFigure({ ...result, teacher: { ...scores(1, 1), kinds: {} } }), RangeError);
});
