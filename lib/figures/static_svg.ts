/**
 * Figures as pictures, SVG and PNG, drawn by a browser that shows no window and reaches no network.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { findChromium, launchChromium } from "./chromium.ts";
import { escapeHtml } from "../html/html.ts";
import { readPlotly } from "./plotly_bundle.ts";
import type { PlotSpecification } from "./specification.ts";

/** How large a picture is, and what it is called. */
export interface PictureOptions {
  /**
   * In CSS pixels.
   *
   * @default {the layout's width, else 760}
   */
  width?: number;
  /**
   * In CSS pixels.
   *
   * @default {the layout's height, else 420}
   */
  height?: number;
  /** The text for screen readers, instead of the picture. */
  title?: string;
}

/** A browser that draws one figure after another. `await using` closes it. */
export interface FigureBrowser extends AsyncDisposable {
  /**
   * Draws a figure as SVG.
   *
   * @param figure The specification.
   * @param options Size and title.
   * @returns The file's text; the same for the same figure, whatever was drawn before.
   * @throws {Error} If plotly.js cannot draw it.
   */
  renderSvg(figure: PlotSpecification, options?: PictureOptions): Promise<string>;
  /**
   * Draws a figure as PNG, from its SVG.
   *
   * @param figure The specification.
   * @param options Size and title.
   * @returns The file's bytes, the same for the same figure on the same machine.
   */
  renderPng(figure: PlotSpecification, options?: PictureOptions): Promise<Uint8Array>;
  /** Ends the browser. */
  close(): Promise<void>;
}

/** Options for {@linkcode openFigureBrowser}. */
export interface FigureBrowserOptions {
  /**
   * The browser's program.
   *
   * @default {what `findChromium()` finds}
   */
  chromium?: string;
  /**
   * The text of plotly.js.
   *
   * @default {the package plotly.js-dist}
   */
  plotlySource?: string;
  /**
   * Where the browser's profile lies while it runs; one folder for all browsers of a program.
   *
   * @default {the system's folder of temporary files}
   */
  temporaryFolder?: string;
  /**
   * Pixels of a PNG to a CSS pixel.
   *
   * @default {2}
   */
  scale?: number;
}

/**
 * Draws as SVG in the page. Identifiers are random there: the generator is reset for each figure. The order of
 * attributes depends on how often a part was redrawn, which depends on what went before: they are sorted.
 */
const drawSvg = `async ({ figure, width, height }) => {
  let state = 1;
  Math.random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const config = { staticPlot: true };
  const address = await Plotly.toImage({ ...figure, config }, { format: "svg", width, height });
  const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  const svg = new DOMParser().parseFromString(text, "image/svg+xml");
  for (const element of svg.querySelectorAll("*")) {
    const attributes = [...element.attributes].filter(({ prefix, name }) => prefix !== "xmlns" && name !== "xmlns");
    attributes.sort((a, b) => a.name < b.name ? -1 : 1);
    for (const attribute of attributes) element.removeAttributeNode(attribute);
    for (const attribute of attributes) element.setAttributeNode(attribute);
    const rules = element.getAttribute("style")?.split("; ").map((rule) => rule.replace(/;$/, ""));
    if (rules) element.setAttribute("style", rules.sort().join("; "));
  }
  return new XMLSerializer().serializeToString(svg);
}`;

/** The size of a picture: as requested, otherwise that of the layout. */
function sizeOf({ layout }: PlotSpecification, options: PictureOptions): { width: number; height: number } {
  const given = { width: options.width ?? layout.width ?? 760, height: options.height ?? layout.height ?? 420 };
  for (const [name, value] of Object.entries(given)) {
    if (!(Number.isInteger(value) && value as number >= 1 && value as number <= 8192)) {
      throw new RangeError(`Cannot draw a figure: ${name} must be an integer in 1..8192, current value is ${value}`);
    }
  }
  return given as { width: number; height: number };
}

async function svgOf(page: Page, figure: PlotSpecification, options: PictureOptions): Promise<string> {
  const { title } = options;
  const { data, layout } = figure;
  // JSON would make objects of typed arrays.
  const plain = (_: string, value: unknown) => ArrayBuffer.isView(value) ? [...value as Float32Array] : value;
  const argument = JSON.stringify({ figure: { data, layout }, ...sizeOf(figure, options) }, plain);
  const svg = await page.evaluate(`(${drawSvg})(${argument})`) as string;
  if (title === undefined) return svg + "\n";
  const name = escapeHtml(title);
  return svg.replace(
    /^<svg ([^>]*)>/,
    (_, rest) => `<svg ${rest} role="img" aria-label="${name}"><title>${name}</title>`,
  ) +
    "\n";
}

/**
 * Starts a browser that draws figures: about a second, and then a fraction of one for each figure.
 *
 * @param options The browser, plotly.js and the resolution.
 * @returns What draws; it must be closed.
 * @throws {ChromiumUnavailableError} If there is no browser; the message names the remedy.
 *
 * @example Two pictures from one browser
 * ```ts ignore
 * await using browser = await openFigureBrowser();
 * const svg = await browser.renderSvg(figure, { width: 640, height: 360 });
 * const png = await browser.renderPng(figure, { width: 640, height: 360 });
 * ```
 */
export async function openFigureBrowser(options: FigureBrowserOptions = {}): Promise<FigureBrowser> {
  const { chromium = findChromium(), scale = 2, temporaryFolder } = options;
  const { plotlySource = await readPlotly("whole") } = options;
  const browser = await launchChromium(chromium, { temporaryFolder });
  const context = await browser.newContext({ offline: true, deviceScaleFactor: scale });
  const drawing = await context.newPage();
  await drawing.addScriptTag({ content: plotlySource });
  const photographing = await context.newPage();

  const renderSvg = (figure: PlotSpecification, options: PictureOptions = {}) => svgOf(drawing, figure, options);
  const renderPng = async (figure: PlotSpecification, options: PictureOptions = {}) => {
    const { width, height } = sizeOf(figure, options);
    const svg = await renderSvg(figure, options);
    await photographing.setViewportSize({ width, height });
    await photographing.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
    return new Uint8Array(await photographing.screenshot({ omitBackground: true }));
  };
  const close = () => browser.close();
  return { renderSvg, renderPng, close, [Symbol.asyncDispose]: close };
}

/**
 * Draws one figure as SVG, in its own browser; see {@linkcode openFigureBrowser} for several.
 *
 * @param figure The specification.
 * @param options Size and title of the picture, and the browser.
 * @returns The file's text.
 * @throws {ChromiumUnavailableError} If there is no browser; the message names the remedy.
 *
 * @example A loss curve
 * ```ts ignore
 * await Deno.writeTextFile("loss.svg", await renderSvg(trainingLossFigure(points)));
 * ```
 */
export async function renderSvg(
  figure: PlotSpecification,
  options: PictureOptions & FigureBrowserOptions = {},
): Promise<string> {
  await using browser = await openFigureBrowser(options);
  return await browser.renderSvg(figure, options);
}

/**
 * Draws one figure as PNG, in its own browser; see {@linkcode openFigureBrowser} for several.
 *
 * @param figure The specification.
 * @param options Size and title of the picture, and the browser.
 * @returns The file's bytes.
 * @throws {ChromiumUnavailableError} If there is no browser; the message names the remedy.
 */
export async function renderPng(
  figure: PlotSpecification,
  options: PictureOptions & FigureBrowserOptions = {},
): Promise<Uint8Array> {
  await using browser = await openFigureBrowser(options);
  return await browser.renderPng(figure, options);
}
