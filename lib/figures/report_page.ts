/**
 * The report of a run: one HTML file that needs nothing else.
 *
 * @module
 */
import { escapeHtml, scriptJson, scriptSource } from "./html.ts";
import {
  configList,
  exampleCards,
  headlineCards,
  kindsTable,
  type ReportExample,
  scoresTable,
} from "./report_sections.ts";
import { reportScript, reportStyle } from "./report_style.ts";
import type { RunResult } from "./run_result.ts";
import type { PlotSpecification } from "./specification.ts";

/** A figure of the report. */
export interface ReportFigure {
  /** What is drawn. */
  specification: PlotSpecification;
  /** What one sees in it, a sentence. */
  caption: string;
  /**
   * Whether it takes the full width.
   *
   * @default {false}
   */
  wide?: boolean;
}

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

/** Nothing is loaded from anywhere: plotly.js writes styles and draws pictures of the page's own data, no more. */
const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";

function figuresSection(figures: readonly ReportFigure[]): string {
  const parts = figures.map(({ caption, wide = false }, i) => {
    const text = escapeHtml(caption);
    return `<figure${
      wide ? ' class="wide"' : ""
    }><div class="plot" id="figure-${i}" role="img" aria-label="${text}"></div>
<figcaption>${text}</figcaption></figure>`;
  });
  return `<div class="figures">${parts.join("\n")}</div>`;
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
  const specifications = Object.fromEntries(figures.map(({ specification }, i) => [`figure-${i}`, specification]));
  const kinds = Object.keys(result.teacher.kinds).length > 0
    ? `<h2>By kind of row</h2>\n<p class="note">ROUGE-L in points / exact match in percent.</p>\n${kindsTable(result)}`
    : "";
  const answers = examples.length > 0
    ? `<h2>Answers</h2>\n<p class="note">Held-out prompts; a tick marks an exact match.</p>\n${exampleCards(examples)}`
    : "";
  const program = figures.length > 0
    ? `<script type="application/json" id="figures">${scriptJson(specifications)}</script>
<script>${scriptSource(plotlySource)}</script>
<script>${reportScript}</script>`
    : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Amid</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
<header><h1>${escapeHtml(title)}</h1>
${summary ? `<p class="lead">${escapeHtml(summary)}</p>` : ""}</header>
${headlineCards(result)}
<h2>Scores</h2>
<p class="note">On held-out rows; the constant answer is the best that can be had by always giving the same one.</p>
${scoresTable(result)}
${figures.length > 0 ? `<h2>Curves</h2>\n${figuresSection(figures)}` : ""}
${kinds}
${answers}
<h2>Configuration</h2>
${configList(config)}
<footer>${escapeHtml(result.engine)} engine · ${result.seconds.toFixed(0)} s · written by Amid</footer>
</main>
${program}
</body>
</html>
`;
}
