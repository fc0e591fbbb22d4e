/**
 * Figures and the report page.
 *
 * @module
 */
export { ChromiumUnavailableError, findChromium, type FindChromiumOptions } from "./chromium.ts";
export { figurePage, type FigurePageOptions } from "./figure_page.ts";
export { escapeHtml } from "./html.ts";
export { kindScoresFigure } from "./kind_scores.ts";
export {
  type LossPoint,
  trainingLossFigure,
  type TrainingLossFigureOptions,
  validationLossFigure,
  type ValidationLossFigureOptions,
} from "./loss_curves.ts";
export { type ReportFigure, reportPage, type ReportPageOptions } from "./report_page.ts";
export type { ReportExample } from "./report_sections.ts";
export {
  type AnswerScores,
  type ConstantScores,
  type KindScores,
  type ModelScores,
  type RunGains,
  runGains,
  type RunResult,
} from "./run_result.ts";
export {
  type FigureBrowser,
  type FigureBrowserOptions,
  openFigureBrowser,
  type PictureOptions,
  renderPng,
  renderSvg,
} from "./static_svg.ts";
export { onGround, type Theme, themes } from "./theme.ts";
export type { Axis, BarTrace, Frame, HeatmapTrace, PlotSpecification, ScatterTrace, Trace } from "./specification.ts";
export { assistantsFigure, type AssistantsFigureOptions, type DrawnAssistant } from "./assistants.ts";
export { gallery, type GalleryFigure, type GallerySources } from "./gallery.ts";
export { type TrainingRun, trainingRunFigure } from "./training_run.ts";
