/**
 * The report of a run: one HTML file that needs nothing else.
 *
 * @module
 */
import { escapeHtml } from "../html/html.ts";
import { figuresSection, htmlPage, type ReportFigure } from "./html_page.ts";
import { kindsToCompare } from "./kind_scores.ts";
import {
  configList,
  exampleCards,
  headlineCards,
  kindsTable,
  type ReportExample,
  scoreNotes,
  scoresTable,
} from "./report_sections.ts";
import type { RunResult } from "./run_result.ts";

/** What {@linkcode reportPage} shows. All texts are escaped. */
export interface ReportPageOptions {
  /** The heading, the run's name for instance. */
  title: string;
  /** What was done, in a sentence or two. */
  summary?: string;
  /** The run's scores. */
  result: RunResult;
  /** The figures, in their order. */
  figures: readonly ReportFigure[];
  /** Held-out prompts and answers. */
  examples: readonly ReportExample[];
  /** The run's configuration, by key. */
  config: Readonly<Record<string, unknown>>;
  /** The text of plotly.js. */
  plotlySource: string;
}

/**
 * Writes the report of a run as one HTML page that works offline: headline numbers, figures, a table of scores, held-out
 * prompts with the answers of teacher, start and student, and the configuration.
 *
 * @param options What to show.
 * @returns The page.
 */
export function reportPage(options: ReportPageOptions): string {
  const { title, summary, result, figures, examples, config, plotlySource } = options;
  const kinds = kindsToCompare(result).length > 0
    ? `<h2>By kind of row</h2>\n<p class="note">ROUGE-L in points / exact match in percent.</p>\n${kindsTable(result)}`
    : "";
  const answers = examples.length > 0
    ? `<h2>Answers</h2>\n<p class="note">Held-out prompts; a tick marks an exact match.</p>\n${exampleCards(examples)}`
    : "";
  const body = `${headlineCards(result)}
<h2>Scores</h2>
<p class="note">On held-out rows; the constant answer is the best that can be had by always giving the same one.</p>
${scoresTable(result)}
${scoreNotes(result)}
${figures.length > 0 ? `<h2>Curves</h2>\n${figuresSection(figures)}` : ""}
${kinds}
${answers}
<h2>Configuration</h2>
${configList(config)}
<footer>${escapeHtml(placeOf(result))} · ${result.seconds.toFixed(0)} s · written by Amid</footer>`;
  return htmlPage({ title, lead: summary, body, figures, plotlySource });
}

/** Where a run was computed. */
function placeOf({ engine, version, device, precision }: RunResult): string {
  const details = [version, device, precision].filter((detail) => detail !== undefined);
  return details.length === 0 ? `${engine} engine` : `${engine} engine (${details.join(", ")})`;
}
