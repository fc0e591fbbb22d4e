/**
 * Shows figures in a notebook: interactive, with a static picture, and live while something runs.
 *
 * @module
 */
import { ChromiumUnavailableError } from "../figures/chromium.ts";
import type { PlotSpecification } from "../figures/specification.ts";
import { figureHtml, plotlyHtml } from "./figure_html.ts";
import type { NotebookKernel } from "./kernel.ts";

/** Options for {@linkcode FigureDisplay}. */
export interface FigureDisplayOptions {
  /** Where messages go. */
  kernel: NotebookKernel;
  /** Gets the text of plotly.js. */
  plotlySource: () => Promise<string>;
  /** Draws a figure as SVG. */
  renderSvg: (figure: PlotSpecification) => Promise<string>;
  /**
   * Makes a name that no other figure of the page has.
   *
   * @default {a random UUID}
   */
  uniqueName?: () => string;
  /**
   * The time in milliseconds.
   *
   * @default {performance.now}
   */
  now?: () => number;
}

/** Options of a live figure. */
export interface LiveFigureOptions {
  /**
   * Milliseconds between two drawings at least; what comes in between is drawn with the next.
   *
   * @default {500}
   */
  interval?: number;
}

/** A figure in a notebook that changes in its place. */
export interface LiveFigure {
  /**
   * Redraws the figure, unless that was done a moment ago.
   *
   * @param figure Makes the specification, where it is needed.
   */
  update(figure: () => PlotSpecification): Promise<void>;
  /** Draws the last figure for good, with its static picture. */
  finish(): Promise<void>;
}

/** Shows figures in one notebook; the first brings plotly.js. */
export class FigureDisplay {
  readonly #options: FigureDisplayOptions;
  readonly #uniqueName: () => string;
  #plotly?: Promise<void>;
  #withoutPictures = false;

  /**
   * Takes what it needs.
   *
   * @param options Kernel, plotly.js, and what draws pictures.
   */
  constructor(options: FigureDisplayOptions) {
    this.#options = options;
    this.#uniqueName = options.uniqueName ?? (() => `amid-${crypto.randomUUID()}`);
  }

  /**
   * Shows a figure: HTML that is interactive, and SVG for places where no program runs.
   *
   * Without Chromium there is no SVG; the notebook shows a note about it once, with the remedy.
   *
   * @param figure The specification.
   */
  async show(figure: PlotSpecification): Promise<void> {
    await this.#loadPlotly();
    const data = await this.#bundle(figure, { id: this.#uniqueName(), still: true });
    await this.#options.kernel.broadcast("display_data", { data, metadata: {}, transient: {} });
  }

  /**
   * Shows a figure that will change in its place.
   *
   * @param figure How it begins.
   * @param options How often it is drawn.
   * @returns A function that redraws it.
   */
  async live(figure: PlotSpecification, options: LiveFigureOptions = {}): Promise<LiveFigure> {
    const { interval = 500 } = options;
    const { kernel, now = () => performance.now() } = this.#options;
    await this.#loadPlotly();
    const name = this.#uniqueName();
    let latest = () => figure;
    let drawn = now();
    const send = async (type: string, still: boolean): Promise<void> => {
      const data = await this.#bundle(latest(), { id: this.#uniqueName(), name, still });
      await kernel.broadcast(type, { data, metadata: {}, transient: { display_id: name } });
    };
    await send("display_data", false);
    return {
      update: async (figure) => {
        latest = figure;
        if (now() - drawn < interval) return;
        drawn = now();
        await send("update_display_data", false);
      },
      finish: () => send("update_display_data", true),
    };
  }

  #loadPlotly(): Promise<void> {
    return this.#plotly ??= (async () => {
      const { kernel, plotlySource } = this.#options;
      const data = { "text/html": await plotlyHtml(await plotlySource()), "text/plain": "plotly.js" };
      await kernel.broadcast("display_data", { data, metadata: {}, transient: {} });
    })();
  }

  async #bundle(
    figure: PlotSpecification,
    { still, ...names }: { id: string; name?: string; still: boolean },
  ): Promise<Record<string, string>> {
    const svg = still ? await this.#picture(figure) : undefined;
    return {
      "text/html": figureHtml(figure, names),
      ...(svg === undefined ? {} : { "image/svg+xml": svg }),
      "text/plain": `figure of ${[...new Set(figure.data.map(({ name }) => name.replace(/<[^>]*>/g, "")))].join(", ")}`,
    };
  }

  async #picture(figure: PlotSpecification): Promise<string | undefined> {
    if (this.#withoutPictures) return undefined;
    try {
      return await this.#options.renderSvg(figure);
    } catch (error) {
      if (!(error instanceof ChromiumUnavailableError)) throw error;
      this.#withoutPictures = true;
      const text = `Figures have no static picture beside them. ${error.message}\n`;
      await this.#options.kernel.broadcast("stream", { name: "stderr", text });
      return undefined;
    }
  }
}
