/**
 * Notebooks: displayed figures, live while a run is running.
 *
 * @module
 */
export { FigureDisplay, type FigureDisplayOptions, type LiveFigure, type LiveFigureOptions } from "./figure_display.ts";
export { followLive } from "./follow_live.ts";
export { type NotebookKernel, NotebookUnavailableError } from "./kernel.ts";
export { type LivePlot, livePlot, type LivePlotOptions } from "./live_plot.ts";
export { liveFigure, show } from "./show.ts";
export {
  clearOutputs,
  formatNotebook,
  type Notebook,
  type NotebookCell,
  type NotebookOutput,
  parseNotebook,
  slimOutputs,
} from "./notebook_file.ts";
