/**
 * The report of a sweep: one HTML file that needs nothing else.
 *
 * @module
 */
import type { SettingSummary } from "../evaluation/summarize_runs.ts";
import { escapeHtml } from "../html/html.ts";
import { figuresSection, htmlPage, type ReportFigure } from "./html_page.ts";
import { configList } from "./report_sections.ts";
import { sweepHtmlTable } from "./sweep_tables.ts";

/** What {@linkcode sweepPage} shows. All texts are escaped. */
export interface SweepPageOptions {
  /** The heading, the sweep's name for instance. */
  title: string;
  /** The settings, best first. */
  settings: readonly SettingSummary[];
  /** What was varied, in the order of the columns. */
  varied: readonly string[];
  /** The figures, in their order. */
  figures: readonly ReportFigure[];
  /** Further notes: combinations run once, runs that failed; a sentence each. */
  notes: readonly string[];
  /** What all runs have in common, by key. */
  config: Readonly<Record<string, unknown>>;
  /** The text of plotly.js. */
  plotlySource: string;
}

/**
 * Writes the report of a sweep as one HTML page that works offline: the ranked settings, figures, notes and the
 * configuration that the runs share.
 *
 * @param options What to show.
 * @returns The page.
 */
export function sweepPage(options: SweepPageOptions): string {
  const { title, settings, varied, figures, notes, config, plotlySource } = options;
  const runs = settings.reduce((sum, { runs }) => sum + runs, 0);
  const body = `<h2>Settings</h2>
<p class="note">Mean ± standard deviation over the runs of a setting; the highest ROUGE-L first, among equals the lowest
validation loss.</p>
${sweepHtmlTable({ settings, varied })}
${notes.length > 0 ? `<ul class="note">${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("\n")}</ul>` : ""}
${figures.length > 0 ? `<h2>Curves</h2>\n${figuresSection(figures)}` : ""}
<h2>Configuration</h2>
${configList(config)}
<footer>written by Amid</footer>`;
  const lead = `${runs} run${runs === 1 ? "" : "s"} of ${settings.length} setting${settings.length === 1 ? "" : "s"}.`;
  return htmlPage({ title, lead, body, figures, plotlySource });
}
