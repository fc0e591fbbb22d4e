/**
 * What a sweep ends with: tables, figures, a page.
 *
 * @module
 */
import { join } from "node:path";
import { type SettingSummary, summarizeRuns } from "../../evaluation/summarize_runs.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { heatMapFigure } from "../../figures/heat_map.ts";
import type { ReportFigure } from "../../figures/html_page.ts";
import { readPlotly } from "../../figures/plotly_bundle.ts";
import { settingCurvesFigure } from "../../figures/setting_curves.ts";
import { sweepPage } from "../../figures/sweep_page.ts";
import { sweepCsv, sweepMarkdown } from "../../figures/sweep_tables.ts";
import type { RunResult } from "../../figures/run_result.ts";
import { readRecords } from "../recover_lines.ts";
import { sweepNotes } from "./sweep_notes.ts";
import { resultOf } from "./sweep_record.ts";
import type { SweepRun } from "./sweep_run.ts";

/** Options for {@linkcode writeSweepReport}. */
export interface SweepReportOptions {
  name: string;
  /** The runs that are done. */
  runs: readonly SweepRun[];
  /** What was varied. */
  varied: readonly string[];
  /** Further notes. */
  notes: readonly string[];
  /** What all runs have in common. */
  base: Readonly<Record<string, unknown>>;
}

/** A run that is done, with what it left behind. */
interface DoneRun {
  run: SweepRun;
  result: RunResult;
  curve: { step: number; loss: number }[];
}

const withoutSeed = ({ seed: _seed, ...values }: SweepRun["values"]): SweepRun["values"] => values;
const labelOf = (values: SweepRun["values"]): string =>
  Object.entries(values).map(([key, value]) => `${key} ${String(value).replace("Infinity", "∞")}`).join(", ") || "all";

/**
 * Writes `table.md`, `table.csv` and `sweep.html` into the sweep's folder.
 *
 * @returns The table and notes on the scores, Markdown.
 */
export async function writeSweepReport(folder: string, options: SweepReportOptions): Promise<string> {
  const { name, notes, base } = options;
  const varied = options.varied.filter((key) => key !== "seed");
  const runs = await Promise.all(options.runs.map(async (run): Promise<DoneRun> => {
    const result = await resultOf(folder, run);
    return { run, result, curve: await curveOf(join(folder, run.name), result) };
  }));
  const settings = summarizeRuns(runs.map(({ run, result: { student } }) => {
    const { validLoss, rougeL, exactMatch } = student;
    return { values: withoutSeed(run.values), scores: { validLoss, rougeL, exactMatch } };
  }));
  const scoreNotes = sweepNotes(runs.map(({ run, result }) => ({ name: run.name, result })));
  const markdown = sweepMarkdown({ settings, varied });
  await writeAtomically(join(folder, "table.md"), markdown);
  await writeAtomically(join(folder, "table.csv"), sweepCsv({ settings, varied }));
  const figures = [curvesFigure(settings, runs), ...heatMaps(settings, varied)];
  const plotlySource = await readPlotly("cartesian");
  const page = sweepPage({
    title: name,
    settings,
    varied,
    figures,
    notes: [...scoreNotes, ...notes],
    config: base,
    plotlySource,
  });
  await writeAtomically(join(folder, "sweep.html"), page);
  return `${markdown}\n${scoreNotes.map((note) => `- ${note}\n`).join("")}`;
}

/** The validation losses of a run, the start's at step 0. */
async function curveOf(folder: string, result: RunResult): Promise<DoneRun["curve"]> {
  const { lines } = await readRecords(join(folder, "metrics.jsonl"));
  const points = lines.filter(({ type, step }) => type === "validation" && step > 0)
    .map(({ step, validLoss }) => ({ step, loss: validLoss as number }));
  return [{ step: 0, loss: result.start.validLoss }, ...points];
}

function curvesFigure(settings: readonly SettingSummary[], runs: readonly DoneRun[]): ReportFigure {
  const curves = settings.map(({ values }) => ({
    name: labelOf(values),
    runs: runs.filter(({ run }) => labelOf(withoutSeed(run.values)) === labelOf(values)).map(({ curve }) => curve),
  }));
  const caption = "Validation loss by setting: the mean over runs, and a band from the lowest to the highest.";
  return { specification: settingCurvesFigure(curves), caption, wide: true };
}

/** Maps over the two numbers that were varied, α and λ before others, for each combination of the rest. */
function heatMaps(settings: readonly SettingSummary[], varied: readonly string[]): ReportFigure[] {
  const numeric = varied.filter((key) => settings.some(({ values }) => typeof values[key] === "number"));
  const [x, y] = ["alpha", "lambda", ...numeric].filter((key, i, all) =>
    numeric.includes(key) && all.indexOf(key) === i
  );
  if (y === undefined) return [];
  const placed = settings.filter(({ values }) => x in values && y in values);
  const rest = ({ values: { [x]: _x, [y]: _y, ...others } }: SettingSummary) => labelOf(others);
  const scores = [["rougeL", "ROUGE-L / points"], ["validLoss", "validation loss / nats per token"]] as const;
  return [...Map.groupBy(placed, rest)].flatMap(([label, group]) =>
    scores.map(([score, title]) => {
      const points = group.map(({ values, scores }) => ({
        x: values[x] as number,
        y: values[y] as number,
        value: scores[score].mean,
      }));
      const lessIsBetter = score === "validLoss";
      const specification = heatMapFigure(points, { xTitle: x, yTitle: y, title, lessIsBetter });
      const where = label === "all" ? "" : `, ${label}`;
      return { specification, caption: `${title.split(" /")[0]} over ${x} and ${y}${where}.` };
    })
  );
}
