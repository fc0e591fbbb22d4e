/**
 * Figures as pieces of HTML for a notebook's page, which bring their program once.
 *
 * @module
 */
import { scriptJson } from "../html/html.ts";
import type { PlotSpecification } from "../figures/specification.ts";

/**
 * Unpacks plotly.js in the page, as a module of its own: a page may have another, or a loader of modules that would keep
 * it. The program's text reaches the page compressed, at a quarter of its size.
 */
const load = `async (text) => {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const source = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const module = { exports: {} };
  new Function("module", "exports", "define", source).call(globalThis, module, module.exports, undefined);
  return module.exports;
}`;

/**
 * Draws in an element that the page may only get in a moment, unless a later drawing of the same live figure has come
 * meanwhile. Its last drawing is let go of first, or it would listen to the window's size for ever.
 */
const draw = `async (id, name, { data, layout, frames }) => {
  const latest = globalThis.amidLatest ??= new Map();
  latest.set(name, id);
  const until = async (find) => {
    for (let tries = 0; tries < 300 && latest.get(name) === id; tries++) {
      if (find()) return find();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const element = await until(() => document.getElementById(id));
  if (!element) return;
  const plotly = await await until(() => globalThis.amidPlotly);
  if (latest.get(name) !== id) return;
  if (!plotly) {
    element.textContent = "plotly.js is not in this page: run the notebook from its first cell.";
    return;
  }
  const drawn = globalThis.amidFigures ??= new Map();
  if (drawn.has(name)) plotly.purge(drawn.get(name));
  drawn.set(name, element);
  await plotly.newPlot(element, data, layout, { responsive: true, displaylogo: false });
  if (frames) await plotly.addFrames(element, frames);
}`;

/**
 * Writes the piece of HTML that gives a page plotly.js; figures wait for it.
 *
 * @param source The text of plotly.js.
 * @returns HTML of about three megabytes.
 */
export async function plotlyHtml(source: string): Promise<string> {
  const packed = new Blob([source]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  // Nothing in base64 ends a script or a text in quotes.
  return `<script>globalThis.amidPlotly ??= (${load})("${bytes.toBase64()}");</script>`;
}

/** What distinguishes figures on one page. */
export interface FigureHtmlOptions {
  /** Belongs to this drawing alone. */
  id: string;
  /**
   * Belongs to all drawings of one live figure.
   *
   * @default {the id}
   */
  name?: string;
}

/**
 * Writes a figure as a piece of HTML that draws itself once plotly.js is in the page.
 *
 * @param figure The specification.
 * @param options Names for it.
 * @returns The HTML.
 */
export function figureHtml(figure: PlotSpecification, { id, name = id }: FigureHtmlOptions): string {
  const { data, layout, frames } = figure;
  const height = typeof layout.height === "number" ? layout.height : 450;
  const values = [id, name, { data, layout, frames }].map(scriptJson).join(", ");
  return `<div id="${id}" style="min-height: ${height}px"></div><script>(${draw})(${values});</script>`;
}
