import { comparisonGapFigure } from "../../lib/figures/comparison/comparison_figures.ts";
import type { Comparison, RecordedRun } from "../../lib/figures/comparison/comparison.ts";
import { reportPage } from "../../lib/figures/report_page.ts";
import type { ModelScores, RunResult } from "../../lib/figures/run_result.ts";
import { runHeadlines, runSentence, teacherWarnings, unfinishedNotes } from "../../lib/figures/run_words.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";
import { sweepNotes } from "../../lib/runs/sweep/sweep_notes.ts";

const scores = (validLoss: number, rougeL: number): ModelScores => ({ validLoss, rougeL, exactMatch: 0, kinds: {} });

/** A run of which teacher and start are at 50 and 20 points, 3 and 4 nats, and constant answers at 24 points. */
const resultOf = (student: ModelScores, changes: Partial<RunResult> = {}): RunResult => ({
  engine: "wasm",
  seconds: 163.4,
  teacher: scores(3, 50),
  start: scores(4, 20),
  student,
  constant: { rougeL: 24, exactMatch: 20 },
  ...changes,
});

const cases: [string, RunResult, string, string[]][] = [
  [
    "better in all",
    resultOf(scores(3.25, 31.5)),
    "The student closed 75 % of the gap in validation loss, gained 11.5 points of ROUGE-L, and is 7.5 above constant " +
    "answers, in 163 s.",
    ["Gap to the teacher closed 75 %", "ROUGE-L gained 11.5 points", "ROUGE-L above constant answers 7.5 points"],
  ],
  [
    "worse in all",
    resultOf(scores(4.2, 17)),
    "The student widened the gap in validation loss by 20 %, lost 3.0 points of ROUGE-L, and is 7.0 below constant " +
    "answers, in 163 s.",
    ["Gap to the teacher widened 20 %", "ROUGE-L lost 3.0 points", "ROUGE-L below constant answers 7.0 points"],
  ],
  [
    "past the teacher",
    resultOf(scores(2.5, 60)),
    "The student closed the gap in validation loss and went 50 % of it beyond the teacher, gained 40.0 points of " +
    "ROUGE-L, and is 36.0 above constant answers, in 163 s.",
    [
      "Gap closed, and beyond the teacher 50 %",
      "ROUGE-L gained 40.0 points",
      "ROUGE-L above constant answers 36.0 points",
    ],
  ],
  [
    "no gap",
    resultOf(scores(3.9, 24.04), { teacher: scores(4, 50) }),
    "The student found no gap in validation loss to close, as the teacher's is no lower than the start's, gained 4.0 " +
    "points of ROUGE-L, and is level with constant answers, in 163 s.",
    ["No gap to the teacher –", "ROUGE-L gained 4.0 points", "ROUGE-L level with constant answers 0.0 points"],
  ],
  [
    "hardly anything, from below",
    resultOf(scores(4.001, 19.96)),
    "The student closed 0 % of the gap in validation loss, kept its ROUGE-L, and is 4.0 below constant answers, in 163 s.",
    ["Gap to the teacher closed 0 %", "ROUGE-L kept 0.0 points", "ROUGE-L below constant answers 4.0 points"],
  ],
];

for (const [name, result, sentence, headlines] of cases) {
  Deno.test(`runSentence() and runHeadlines() say which way scores went: ${name}`, () => {
    assertEquals(runSentence(result), sentence);
    const shown = Object.values(runHeadlines(result)).map(({ name, value, unit }) => `${name} ${value} ${unit}`.trim());
    assertEquals(shown, headlines);
    assert(!/[-−+]\d/.test(sentence + shown.join(" ")), "no number has a sign");
    const page = reportPage({ title: "t", result, figures: [], examples: [], config: {}, plotlySource: "" });
    for (const { name, value } of Object.values(runHeadlines(result))) {
      assert(page.includes(`<div class="name">${name}</div><div class="value">${value}`), name);
    }
  });
}

Deno.test("teacherWarnings() names a teacher that is no better than the start or than constant answers", () => {
  const of = (teacher: ModelScores) => teacherWarnings(resultOf(scores(3, 30), { teacher }));
  assertEquals(of(scores(3, 50)), []);
  assertEquals(of(scores(4.5, 17)), [
    "the teacher's validation loss of 4.500 is no lower than the start's of 4.000: following it may make the student worse",
    "the teacher's ROUGE-L of 17.0 is 3.0 points below the start's 20.0",
    "the teacher's ROUGE-L of 17.0 is 7.0 points below that of constant answers, 24.0",
  ]);
  assertEquals(of(scores(3, 24)), ["the teacher's ROUGE-L of 24.0 is no higher than that of constant answers, 24.0"]);
  assert(of(scores(NaN, 50))[0].startsWith("the teacher's validation loss of NaN"));
  const weak = resultOf(scores(3, 30), { teacher: scores(3, 17) });
  const page = reportPage({ title: "t", result: weak, figures: [], examples: [], config: {}, plotlySource: "" });
  assert(page.includes("<li>The teacher&#39;s ROUGE-L of 17.0 is 3.0 points below the start&#39;s 20.0.</li>"), page);
});

Deno.test("unfinishedNotes() counts the answers without an end of each model that has some", () => {
  const result = resultOf({ ...scores(3, 30), unfinished: 12, answered: 400 });
  assertEquals(unfinishedNotes(result), ["12 of the student's 400 answers reached the longest length without an end"]);
  assertEquals(unfinishedNotes(resultOf({ ...scores(3, 30), unfinished: 0, answered: 400 })), []);
});

Deno.test("sweepNotes() reports what scores are compared with, and which runs fall short", () => {
  const runs = [
    { name: "a", result: resultOf(scores(3.5, 30)) },
    { name: "b", result: resultOf({ ...scores(4.5, 10), unfinished: 3, answered: 10 }) },
  ];
  assertEquals(sweepNotes(runs), [
    "ROUGE-L of the teacher 50.0, of the start 20.0, of constant answers 24.0",
    "b: ROUGE-L is no higher than that of constant answers",
    "b: ROUGE-L is lower than the start's",
    "b: the validation loss is no lower than the start's",
    "b: 3 of the student's 10 answers reached the longest length without an end",
  ]);
  const weak = runs.map(({ name, result }) => ({ name, result: { ...result, teacher: scores(3, 22) } }));
  assert(
    sweepNotes(weak).includes(
      "all runs: the teacher's ROUGE-L of 22.0 is 2.0 points below that of constant answers, 24.0",
    ),
  );
});

Deno.test("comparisonGapFigure() leaves out runs without a gap, and shows shares below 0 and above 100 %", () => {
  const run = (setting: string, teacher: number, student: number): RecordedRun => ({
    setting,
    seed: 1,
    teacher: scores(teacher, 50),
    start: scores(4, 20),
    student: scores(student, 30),
    constantRougeL: 24,
    validation: [],
    training: [],
  });
  const settings = ["none", "beyond", "half"].map((name) => ({ name, title: name, flags: [] }));
  const common = { command: "", machine: "", date: "", settings };
  const runs = [run("none", 4.5, 3.9), run("beyond", 3, 2.5), run("half", 3, 3.5)];
  const { data, layout } = comparisonGapFigure({ ...common, runs } as Comparison);
  assertEquals(new Set(data.map(({ name }) => name)), new Set(["beyond", "half"]));
  assertEquals((layout.xaxis as { range: number[] }).range, [-4, 154]);
  assertThrows(
    () => comparisonGapFigure({ ...common, runs: runs.slice(0, 1) } as Comparison),
    RangeError,
    "below the start's",
  );
});
