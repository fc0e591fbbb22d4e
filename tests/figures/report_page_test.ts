import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { kindScoresFigure, kindsToCompare } from "../../lib/figures/kind_scores.ts";
import { lossText } from "../../lib/figures/number_text.ts";
import { packProgram, readPlotly } from "../../lib/figures/plotly_bundle.ts";
import type { BarTrace } from "../../lib/figures/specification.ts";
import { trainingLossFigure } from "../../lib/figures/loss_curves.ts";
import { reportPage, type ReportPageOptions } from "../../lib/figures/report_page.ts";
import { type ModelScores, runGains, type RunResult } from "../../lib/figures/run_result.ts";

const scores = (validLoss: number, rougeL: number): ModelScores => ({
  validLoss,
  rougeL,
  exactMatch: rougeL - 5,
  kinds: { "part of speech": { rougeL, exactMatch: 1, count: 64 } },
});

const result: RunResult = {
  engine: "wasm",
  seconds: 163.4,
  teacher: scores(3, 50),
  start: scores(4, 20),
  student: scores(3.25, 31.5),
  constant: { rougeL: 24, exactMatch: 20, kinds: { "part of speech": { rougeL: 24, exactMatch: 20 } } },
};

const options: ReportPageOptions = {
  title: "quick",
  summary: "A summary.",
  result,
  config: { steps: 300, alpha: -Infinity, engine: "wasm" },
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
    title: evil,
    summary: evil,
    config: { [evil]: evil },
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
    ["constant", 24],
    ["start", 20],
    ["student", 31.5],
    ["teacher", 50],
  ]);
  assertThrows(() => kindScoresFigure({ ...result, teacher: { ...scores(1, 1), kinds: {} } }), RangeError);
});

Deno.test("reportPage() shows kinds where there are some, and none where all rows are of one that has no name", () => {
  const ofKinds = (kinds: string[]): RunResult => {
    const scored = {
      ...scores(3, 50),
      kinds: Object.fromEntries(kinds.map((kind) => [kind, { rougeL: 1, exactMatch: 1, count: 4 }])),
    };
    return { ...result, teacher: scored, start: scored, student: scored };
  };
  assertEquals(kindsToCompare(ofKinds([""])), []);
  assertEquals(kindsToCompare(ofKinds([" "])), []);
  assertEquals(kindsToCompare(ofKinds(["", "a"])), ["", "a"]);
  assert(!reportPage({ ...options, result: ofKinds([""]) }).includes("By kind"));
  assert(reportPage({ ...options, result: ofKinds(["", "a"]) }).includes("without a kind"));
  assertThrows(() => kindScoresFigure(ofKinds([""])), RangeError, "a kind is needed");
});

Deno.test("kindScoresFigure() lays bars down where names would overlap, and distinguishes shortened names", () => {
  const names = ["a", "b"].map((end) => `a kind of question with a very long name ${end}`);
  const kinds = Object.fromEntries(names.map((kind) => [kind, { rougeL: 1, exactMatch: 1, count: 4 }]));
  const scored = { ...scores(3, 50), kinds };
  const { data } = kindScoresFigure({ ...result, teacher: scored, start: scored, student: scored });
  const bar = data.at(-1) as BarTrace;
  assertEquals([bar.orientation, bar.x], ["h", [1, 1]]);
  assertEquals(new Set<unknown>(bar.y).size, 2);
});

Deno.test("lossText() writes what decimals show, and powers of ten beyond", () => {
  const texts = [3.25, 0, -1.5, 12345.6, 4.2e25, 0.00001, -2e7, Infinity].map((value) => lossText(value, 3));
  assertEquals(texts, ["3.250", "0.000", "−1.500", "1.23 · 10^4", "4.20 · 10^25", "1.00 · 10^−5", "−2.00 · 10^7", "∞"]);
});

Deno.test("packProgram() returns the program, in a text that ends no element", () => {
  const source = `const text = "</script><!-- é ∞";`;
  const packed = packProgram(source);
  assert(/^[A-Za-z0-9+/=]+$/.test(packed));
  assertEquals(gunzipSync(Buffer.from(packed, "base64")).toString(), source);
  assertEquals(packProgram(source), packed);
});

Deno.test("reportPage() with plotly.js weighs less than 700 kilobytes", async () => {
  const page = reportPage({ ...options, plotlySource: await readPlotly("cartesian") });
  assert(page.length < 700_000, `it weighs ${page.length}`);
});
