/** Reports and sweep pages with odd inputs, in a real browser that reaches no network, on three widths and both grounds. */
import { summarizeRuns } from "../../lib/evaluation/summarize_runs.ts";
import { scoresAsHtml } from "../../lib/evaluation/format_score_table.ts";
import { scoreTable } from "../../lib/evaluation/score_table.ts";
import { findChromium, launchChromium } from "../../lib/figures/chromium.ts";
import { heatMapFigure } from "../../lib/figures/heat_map.ts";
import { kindScoresFigure, kindsToCompare } from "../../lib/figures/kind_scores.ts";
import { trainingLossFigure, validationLossFigure } from "../../lib/figures/loss_curves.ts";
import { readPlotly } from "../../lib/figures/plotly_bundle.ts";
import { reportPage } from "../../lib/figures/report_page.ts";
import type { ReportExample } from "../../lib/figures/report_sections.ts";
import type { RunResult } from "../../lib/figures/run_result.ts";
import { settingCurvesFigure } from "../../lib/figures/setting_curves.ts";
import { sweepPage } from "../../lib/figures/sweep_page.ts";
import { testWithChromium } from "../support/chromium.ts";
import { assertEquals } from "../support/mod.ts";

const plotlySource = await readPlotly("cartesian");

function resultOf(kinds: readonly string[], factor = 1): RunResult {
  const scores = (validLoss: number, rougeL: number) => ({
    validLoss: factor * validLoss,
    rougeL,
    exactMatch: rougeL / 2,
    kinds: Object.fromEntries(kinds.map((kind, i) => [kind, { rougeL: rougeL - i, exactMatch: 100, count: 8 }])),
  });
  const constant = { rougeL: 24, exactMatch: 12, kinds: scores(1, 24).kinds };
  return {
    engine: "wasm",
    seconds: 1,
    constant,
    teacher: scores(2, 60),
    start: scores(4, 40),
    student: scores(3, 50),
  };
}

const long = "unbroken".repeat(80);
const examples: ReportExample[] = [
  ["Which?", "", "<img src=x onerror=alert(1)>"],
  ["ما هو الطائر الذي يعيش في الماء؟", "مالك الحزين", "A long answer. ".repeat(800)],
  [long, long, long],
].map(([prompt, student, start]) => ({ prompt, references: ["a heron"], teacher: "a heron", student, start }));

function report(
  { kinds, losses, factor }: { kinds: readonly string[]; losses: readonly number[]; factor?: number },
): string {
  const result = resultOf(kinds, factor);
  const points = losses.map((loss, i) => ({ step: i + 1, loss }));
  const figures = [
    { specification: trainingLossFigure(points), caption: "Training." },
    {
      specification: validationLossFigure([{ step: 0, loss: 4 }, ...points.slice(-1)], { teacher: 2, start: 4 }),
      caption: "Validation.",
    },
    ...kindsToCompare(result).length > 0
      ? [{ specification: kindScoresFigure(result), caption: "Kinds.", wide: true }]
      : [],
  ];
  return reportPage({ title: long, result, figures, examples, config: { data: long, [long]: 1 }, plotlySource });
}

function sweep(values: readonly Record<string, number | string>[]): string {
  const settings = summarizeRuns(
    values.map((values, i) => ({ values, scores: { validLoss: 2 + i / 10, rougeL: 40 - i, exactMatch: 5 } })),
  );
  const curves = values.map((values) => ({
    name: JSON.stringify(values),
    runs: [[{ step: 0, loss: 4 }, { step: 9, loss: 3 }]],
  }));
  const points = values.map(({ alpha, lambda }, i) => ({ x: alpha as number, y: lambda as number, value: 40 - i }));
  const map = heatMapFigure(points, { xTitle: "alpha", yTitle: "lambda", title: "ROUGE-L / points" });
  const figures = [{ specification: settingCurvesFigure(curves), caption: "Curves.", wide: true }, {
    specification: map,
    caption: "Map.",
  }];
  const notes = [`${long} diverged: its loss is not finite`];
  return sweepPage({
    title: "sweep",
    settings,
    varied: Object.keys(values[0]),
    figures,
    notes,
    config: {},
    plotlySource,
  });
}

const grid = [-Infinity, -1, 0, 0.5, 1].flatMap((alpha) =>
  [0.1, 0.2, 0.3, 0.5, 0.7, 0.9].map((lambda) => ({ objective: "skewed-forward-kl", alpha, lambda }))
);
const evaluated = scoreTable(
  Array.from({ length: 10 }, (_, i) => ({
    model: `${long.slice(0, 90)}${i % 2}`,
    set: `a set with a long name ${i >> 1}`,
    seed: 1,
    rougeL: i,
    exactMatch: i,
  })),
  "rougeL",
);

const pages: Record<string, { page: string; figures: number }> = {
  "one step, one nameless kind": { page: report({ kinds: [""], losses: [3] }), figures: 2 },
  "3000 steps": {
    page: report({ kinds: ["a", "b", "c"], losses: Array.from({ length: 3000 }, (_, i) => 5 / (1 + i)) }),
    figures: 3,
  },
  "huge losses, long names": {
    page: report({ kinds: [long, `${long}!`], losses: [1e30, 1e12, 3, 2, 2, 2], factor: 1e24 }),
    figures: 3,
  },
  "thirty kinds": {
    page: report({ kinds: Array.from({ length: 30 }, (_, i) => `a kind of question, number ${i}`), losses: [3, 2] }),
    figures: 3,
  },
  "a sweep of one run": { page: sweep([{ alpha: 0, lambda: 0.1 }]), figures: 2 },
  "a sweep of thirty": { page: sweep(grid), figures: 2 },
  "a table of sets": { page: scoresAsHtml([evaluated], { title: "Scores" }), figures: 0 },
};

/** What stands out of the page or of its frame, by its tag and class. */
const outside =
  `[document.documentElement, ...document.querySelectorAll(".scroll, .card, figure, .example, dl, dd, .prompt")]
  .filter((element) => element.scrollWidth > element.clientWidth + 1).map(({ tagName, className }) => tagName + "." + className)`;

testWithChromium(
  "pages with odd inputs draw their figures, offline, and nothing stands out on any width",
  async (t) => {
    const folder = await Deno.makeTempDir();
    const browser = await launchChromium(findChromium());
    try {
      for (const [name, { page: text, figures }] of Object.entries(pages)) {
        await t.step(name, async () => {
          // Away from where it was made, as a report that is sent.
          await Deno.writeTextFile(`${folder}/page.html`, text);
          for (const width of [500, 900, 1400]) {
            for (const colorScheme of ["light", "dark"] as const) {
              const page = await browser.newPage({ offline: true, colorScheme, viewport: { width, height: 900 } });
              const errors: string[] = [];
              page.on("pageerror", ({ message }) => errors.push(message));
              page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
              await page.goto(`file://${folder}/page.html`);
              await page.waitForFunction(
                `document.querySelectorAll(".plot .main-svg .xtick, .plot .main-svg .ytick").length >= ${figures}`,
              );
              assertEquals(await page.evaluate(`document.querySelectorAll(".js-plotly-plot").length`), figures);
              assertEquals(await page.evaluate(outside), [], `${width} px`);
              assertEquals(errors, []);
              await page.close();
            }
          }
        });
      }
    } finally {
      await browser.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
);
