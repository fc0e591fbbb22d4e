/**
 * The settings of a sweep as tables: Markdown, comma-separated values, HTML.
 *
 * @module
 */
import type { MeanAndDeviation, SettingSummary } from "../evaluation/summarize_runs.ts";
import { escapeHtml } from "../html/html.ts";

/** Settings, best first, and the names of what was varied. */
export interface SweepTableOptions {
  /** The settings, as `summarizeRuns` gives them. */
  settings: readonly SettingSummary[];
  /** What was varied, in the order of the columns. */
  varied: readonly string[];
}

const scores = { rougeL: "ROUGE-L", validLoss: "validation loss", exactMatch: "exact match" } as const;
const decimals = { rougeL: 1, validLoss: 4, exactMatch: 1 } as const;

function shown({ mean, deviation }: MeanAndDeviation, name: keyof typeof scores): string {
  const number = (value: number) => value.toFixed(decimals[name]);
  return deviation === undefined ? number(mean) : `${number(mean)} ± ${number(deviation)}`;
}

/** The head and the rows, as texts; a setting that has no such value shows a dash. */
function cells({ settings, varied }: SweepTableOptions): string[][] {
  const head = [...varied, "runs", ...Object.values(scores), "rank by ROUGE-L", "rank by loss"];
  const rows = settings.map(({ values, runs, scores: found, rankByRougeL, rankByValidLoss }) => [
    ...varied.map((name) => name in values ? String(values[name]).replace("Infinity", "∞") : "–"),
    String(runs),
    ...(Object.keys(scores) as (keyof typeof scores)[]).map((name) => shown(found[name], name)),
    String(rankByRougeL),
    String(rankByValidLoss),
  ]);
  return [head, ...rows];
}

/**
 * Writes settings as a Markdown table: mean ± standard deviation over their runs.
 *
 * @param options The settings and what was varied.
 * @returns Lines, each ended by a newline.
 */
export function sweepMarkdown(options: SweepTableOptions): string {
  const [head, ...rows] = cells(options).map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const rule = head.map((_, column) => column < options.varied.length ? "---" : "--:");
  return [head, rule, ...rows].map((row) => `| ${row.join(" | ")} |\n`).join("");
}

/**
 * Writes settings as comma-separated values, means and deviations in columns of their own, at full precision.
 *
 * Source: RFC 4180, 2005.
 *
 * @param options The settings and what was varied.
 * @returns Lines, each ended by a newline.
 */
export function sweepCsv({ settings, varied }: SweepTableOptions): string {
  const names = Object.keys(scores) as (keyof typeof scores)[];
  const head = [
    ...varied,
    "runs",
    ...names.flatMap((name) => [name, `${name}Deviation`]),
    "rankByRougeL",
    "rankByValidLoss",
  ];
  const rows = settings.map(({ values, runs, scores: found, rankByRougeL, rankByValidLoss }) => [
    ...varied.map((name) => values[name] ?? ""),
    runs,
    ...names.flatMap((name) => [found[name].mean, found[name].deviation ?? ""]),
    rankByRougeL,
    rankByValidLoss,
  ]);
  return [head, ...rows].map((row) => row.map((cell) => quoted(String(cell))).join(",") + "\n").join("");
}

const quoted = (cell: string): string => /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** The same table as markup. */
export function sweepHtmlTable(options: SweepTableOptions): string {
  const [head, ...rows] = cells(options);
  const heads = head.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  // On a small screen each row is a list, and each cell has a label.
  const row = (texts: string[]) =>
    texts.map((text, column) => `<td data-label="${escapeHtml(head[column])}">${escapeHtml(text)}</td>`).join("");
  return `<div class="scroll"><table class="stacked">
<thead><tr>${heads}</tr></thead>
<tbody>${rows.map((texts) => `<tr>${row(texts)}</tr>`).join("\n")}</tbody></table></div>`;
}
