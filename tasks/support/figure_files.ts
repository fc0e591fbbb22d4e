/**
 * The files of figures.
 *
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { figurePage } from "../../lib/figures/figure_page.ts";
import type { GalleryFigure } from "../../lib/figures/gallery/figure.ts";
import { escapeHtml } from "../../lib/html/html.ts";
import { readPlotly } from "../../lib/figures/plotly_bundle.ts";
import type { PlotSpecification } from "../../lib/figures/specification.ts";
import type { FigureBrowser } from "../../lib/figures/static_svg.ts";
import { onGround, type Theme } from "../../lib/figures/theme.ts";
import { UsageError } from "./usage_error.ts";

/** The width of pictures, in CSS pixels. */
const WIDTH = 860;

const grounds: readonly Theme[] = ["light", "dark"];

/**
 * Makes the folder where it is missing, and checks that files can be written there.
 *
 * @throws {UsageError} If they cannot; the message names the remedy.
 */
export async function openFigureFolder(path: string): Promise<string> {
  const probe = join(path, `.probe-${crypto.randomUUID()}.partial`);
  try {
    await Deno.mkdir(path, { recursive: true });
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
    return path;
  } catch (cause) {
    const notAllowed = cause instanceof Deno.errors.NotCapable;
    const mend = notAllowed
      ? `permit it with --allow-write=${path}, or omit --out`
      : `"chmod u+w ${path}", or another folder by --out`;
    throw new UsageError(`Cannot write figures into ${path}: ${(cause as Error).message}; to fix it: ${mend}`, {
      cause,
    });
  }
}

/** A figure and what draws it. */
export interface FigureFiles {
  /** The files' name, without extension. */
  name: string;
  /** What one sees, a sentence. */
  caption: string;
  figure: PlotSpecification;
  browser: FigureBrowser;
}

/** Writes a figure as a page, and as SVG and PNG on both grounds. */
export async function writeFigure(folder: string, { name, caption, figure, browser }: FigureFiles): Promise<void> {
  const title = titleOf(name);
  await writeAtomically(join(folder, `${name}.html`), figurePage(figure, { title, caption }));
  for (const ground of grounds) {
    const picture = onGround(figure, ground);
    const options = { width: WIDTH, title: caption };
    await writeAtomically(join(folder, `${name}.${ground}.svg`), await browser.renderSvg(picture, options));
    await writeAtomically(join(folder, `${name}.${ground}.png`), await browser.renderPng(picture, options));
  }
}

/** Writes plotly.js, which the figures' pages share. */
export async function writePlotly(folder: string): Promise<void> {
  await writeAtomically(join(folder, "plotly.js"), await readPlotly("cartesian"));
}

/** `next_token` → `Next token`. */
function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

/** Writes a page of all figures that shows on a code host. */
export async function writeIndex(folder: string, figures: Readonly<Record<string, GalleryFigure>>): Promise<void> {
  const entries = Object.entries(figures).map(([name, { caption }]) => {
    const dark = `<source media="(prefers-color-scheme: dark)" srcset="${name}.dark.svg">`;
    const picture = `<picture>${dark}<img src="${name}.light.svg" alt="${escapeHtml(caption)}"></picture>`;
    return `## ${titleOf(name)}\n\n${caption}\n\n${picture}\n`;
  });
  const head = "# Figures\n\nMade by `deno task figures`, which adds a page to look into and a PNG for each of them. " +
    "[`explorer.html`](explorer.html) has sliders; download it and open it in a browser.\n";
  await writeAtomically(join(folder, "README.md"), [head, ...entries].join("\n"));
}
