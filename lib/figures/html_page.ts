/**
 * The frame of pages that need nothing else: style, figures, Plotly.
 *
 * @module
 */
import { documentHead } from "../html/document_head.ts";
import { escapeHtml, scriptJson } from "../html/html.ts";
import { packProgram, unpackScript } from "./plotly_bundle.ts";
import { reportScript, reportStyle } from "./report_style.ts";
import type { PlotSpecification } from "./specification.ts";

/** A figure of a page. */
export interface ReportFigure {
  /** What is drawn. */
  specification: PlotSpecification;
  /** The caption, a sentence. */
  caption: string;
  /**
   * Whether it takes the full width.
   *
   * @default {false}
   */
  wide?: boolean;
}

/** What {@linkcode htmlPage} is made from. */
export interface HtmlPageOptions {
  /** The heading, as text. */
  title: string;
  /** What stands under it, as text. */
  lead?: string;
  /** The contents of the page, as markup. */
  body: string;
  /** The figures whose places are in the body. */
  figures: readonly ReportFigure[];
  /** The text of plotly.js. */
  plotlySource: string;
}

/** Nothing is loaded from anywhere: plotly.js writes styles and draws pictures of the page's own data, no more. */
const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";

/** The places of figures, in their order, as markup for a page's body. */
export function figuresSection(figures: readonly ReportFigure[]): string {
  const parts = figures.map(({ specification: { layout: { height } }, caption, wide = false }, i) => {
    const text = escapeHtml(caption);
    const size = typeof height === "number" ? ` style="height: ${height}px"` : "";
    return `<figure${
      wide ? ' class="wide"' : ""
    }><div class="plot" id="figure-${i}" role="img" aria-label="${text}"${size}></div>
<figcaption>${text}</figcaption></figure>`;
  });
  return `<div class="figures">${parts.join("\n")}</div>`;
}

/** Frames a body as a page that works offline. */
export function htmlPage({ title, lead, body, figures, plotlySource }: HtmlPageOptions): string {
  const specifications = Object.fromEntries(figures.map(({ specification }, i) => [`figure-${i}`, specification]));
  const program = figures.length > 0
    ? `<script type="application/json" id="figures">${scriptJson(specifications)}</script>
<script type="text/plain" id="library">${packProgram(plotlySource)}</script>
<script>${reportScript}${unpackScript}</script>`
    : "";
  return `${documentHead({ title, policy, style: reportStyle })}
<body>
<main>
<header><h1 dir="auto">${escapeHtml(title)}</h1>
${lead ? `<p class="lead" dir="auto">${escapeHtml(lead)}</p>` : ""}</header>
${body}
</main>
${program}
</body>
</html>
`;
}
