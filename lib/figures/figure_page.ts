/**
 * A figure as a separate page.
 *
 * @module
 */
import { documentHead } from "../html/document_head.ts";
import { escapeHtml, scriptJson } from "../html/html.ts";
import { palette, type PlotSpecification } from "./specification.ts";
import { themes } from "./theme.ts";

/** Options for {@linkcode figurePage}. */
export interface FigurePageOptions {
  /** What the page is called. */
  title: string;
  /** The caption, a sentence. */
  caption: string;
  /**
   * Where plotly.js is, seen from the page: a file beside it that many pages share.
   *
   * @default {"plotly.js"}
   */
  plotly?: string;
}

/**
 * Nothing is loaded but plotly.js, from beside the page; it writes styles and draws pictures of the page's own data.
 */
const policy =
  "default-src 'none'; script-src 'self' file: 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:";

/** Panels side by side need this width; on smaller screens they are scrolled, so that no label overlaps another. */
const LEAST_WIDTH = 780;

const { light, dark } = themes;

const style = `
:root { color-scheme: light dark; --ground: ${light.ground}; --ink: ${light.ink}; --grid: ${light.grid}; }
@media (prefers-color-scheme: dark) {
  :root { --ground: ${dark.ground}; --ink: ${dark.ink}; --grid: ${dark.grid}; }
}
body { margin: 0; padding: clamp(1rem, 3vw, 2.5rem); background: var(--ground); color: var(--ink); }
body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1100px; margin: 0 auto; }
p { max-width: 75ch; }
.scroll { overflow-x: auto; }
#plot { min-width: ${LEAST_WIDTH}px; }
`;

/** Draws the figure in the ink of the ground that the reader has chosen, again where that changes. */
const program = `
(() => {
  const text = document.getElementById("figure").textContent;
  const draw = async () => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => JSON.stringify(style.getPropertyValue(name).trim());
    const inked = text.replaceAll(${JSON.stringify(JSON.stringify(palette.ink))}, colour("--ink"))
      .replaceAll(${JSON.stringify(JSON.stringify(palette.grid))}, colour("--grid"));
    const { data, layout, frames } = JSON.parse(inked);
    layout.hoverlabel = { bgcolor: style.getPropertyValue("--ground").trim(), ...layout.hoverlabel };
    const element = document.getElementById("plot");
    Plotly.purge(element);
    await Plotly.newPlot(element, data, layout, { responsive: true, displaylogo: false });
    if (frames) await Plotly.addFrames(element, frames);
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
`;

/**
 * Writes a page with an interactive figure; it needs no network.
 *
 * @param figure The specification.
 * @param options Title, caption, and where plotly.js is.
 * @returns The page.
 *
 * @example A loss curve
 * ```ts
 * import assert from "node:assert/strict";
 * import { figurePage, trainingLossFigure } from "@amid/amid/figures";
 *
 * const figure = trainingLossFigure([{ step: 1, loss: 3 }, { step: 2, loss: 2 }]);
 * assert(figurePage(figure, { title: "Loss", caption: "It falls." }).includes("<title>Loss · Amid</title>"));
 * ```
 */
export function figurePage(figure: PlotSpecification, options: FigurePageOptions): string {
  const { title, caption, plotly = "plotly.js" } = options;
  const height = typeof figure.layout.height === "number" ? figure.layout.height : 450;
  return `${documentHead({ title, policy, style })}
<body>
<main>
<div class="scroll"><div id="plot" role="img" aria-label="${
    escapeHtml(caption)
  }" style="height: ${height}px"></div></div>
<p>${escapeHtml(caption)}</p>
</main>
<script type="application/json" id="figure">${scriptJson(figure)}</script>
<script src="${escapeHtml(plotly)}"></script>
<script>${program}</script>
</body>
</html>
`;
}
