/**
 * The one display of the notebook that this program runs in.
 *
 * @module
 */
import { readPlotly } from "../figures/plotly_bundle.ts";
import type { PlotSpecification } from "../figures/specification.ts";
import { type FigureBrowser, openFigureBrowser } from "../figures/static_svg.ts";
import { FigureDisplay, type LiveFigure, type LiveFigureOptions } from "./figure_display.ts";
import { notebookKernel } from "./kernel.ts";

/** A notebook has one page, and the page one plotly.js. */
let display: FigureDisplay | undefined;

/** Milliseconds without a figure after which the browser is closed. */
const patience = 20_000;

function notebookDisplay(): FigureDisplay {
  return display ??= new FigureDisplay({
    kernel: notebookKernel(),
    plotlySource: () => readPlotly("whole"),
    renderSvg: lingering(openFigureBrowser),
  });
}

/** Draws in a browser that stays open for the next figure, for a while. */
function lingering(open: () => Promise<FigureBrowser>): (figure: PlotSpecification) => Promise<string> {
  let browser: Promise<FigureBrowser> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const close = async () => {
    const closing = browser;
    browser = undefined;
    await (await closing)?.close();
  };
  return async (figure) => {
    if (timer !== undefined) clearTimeout(timer);
    try {
      return await (await (browser ??= open())).renderSvg(figure, { width: 860 });
    } catch (error) {
      browser = undefined;
      throw error;
    } finally {
      timer = setTimeout(close, patience);
      Deno.unrefTimer(timer);
    }
  };
}

/**
 * Shows a figure in the notebook: interactive where programs run, else as a static picture.
 *
 * @param figure The specification.
 * @throws {NotebookUnavailableError} If the program runs in no notebook.
 *
 * @example In a cell
 * ```ts ignore
 * await show(trainingLossFigure(points));
 * ```
 */
export async function show(figure: PlotSpecification): Promise<void> {
  await notebookDisplay().show(figure);
}

/**
 * Shows a figure in the notebook that changes in its place.
 *
 * @param figure How it begins.
 * @param options How often it is drawn.
 * @returns A function that redraws it.
 * @throws {NotebookUnavailableError} If the program runs in no notebook.
 *
 * @example In a cell
 * ```ts ignore
 * const live = await liveFigure(trainingLossFigure([first]));
 * for await (const point of points) await live.update(() => trainingLossFigure(points));
 * await live.finish();
 * ```
 */
export async function liveFigure(figure: PlotSpecification, options: LiveFigureOptions = {}): Promise<LiveFigure> {
  return await notebookDisplay().live(figure, options);
}
