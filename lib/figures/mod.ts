/**
 * Figures and the report page.
 *
 * @module
 */
export { ChromiumUnavailableError, findChromium, type FindChromiumOptions } from "./chromium.ts";
export { figurePage, type FigurePageOptions } from "./figure_page.ts";
export { escapeHtml } from "../html/html.ts";
export { kindScoresFigure } from "./kind_scores.ts";
export {
  type LossPoint,
  trainingLossFigure,
  type TrainingLossFigureOptions,
  validationLossFigure,
  type ValidationLossFigureOptions,
} from "./loss_curves.ts";
export type { ReportFigure } from "./html_page.ts";
export { reportPage, type ReportPageOptions } from "./report_page.ts";
export type { ReportExample } from "./report_sections.ts";
export {
  type AnswerScores,
  type ConstantScores,
  type KindScores,
  type ModelScores,
  type RunGains,
  runGains,
  type RunResult,
  type TeacherScores,
  type TeacherStorage,
} from "./run_result.ts";
export {
  type Headline,
  type RunHeadlines,
  runHeadlines,
  runSentence,
  teacherWarnings,
  unfinishedNotes,
} from "./run_words.ts";
export { heatMapFigure, type HeatMapOptions, type HeatPoint } from "./heat_map.ts";
export { sweepPage, type SweepPageOptions } from "./sweep_page.ts";
export { type SettingCurves, settingCurvesFigure } from "./setting_curves.ts";
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
export { gallery } from "./gallery.ts";
export type { GalleryFigure, GallerySources } from "./gallery/figure.ts";
export { type TrainingRun, trainingRunFigure } from "./training_run.ts";
export { alphaLineFigure } from "./alpha_line.ts";
export { continuityFigure } from "./continuity.ts";
export { fitAnimation, type FitAnimationOptions } from "./fit_animation.ts";
export { type GaussianFit, gaussianFitsFigure, type GaussianFitsFigureOptions } from "./gaussian_fits.ts";
export { type GradientCheck, gradientCheckFigure } from "./gradient_check.ts";
export { gradientProfileFigure, type ProfileMoment } from "./gradient_profile.ts";
export { minimizerFigure, type MinimizerPanel } from "./minimizer.ts";
export { nextTokenFigure, type NextTokenFigureOptions } from "./next_token.ts";
export { studentWeightFigure, type WeightFigureOptions } from "./student_weight.ts";
export { supportsFigure, type SupportsFigureOptions } from "./supports.ts";
export { tokenGradientsFigure, type TokenGradientsFigureOptions } from "./token_gradients.ts";
export {
  type Comparison,
  meanOf,
  type RankedSetting,
  rankSettings,
  readComparison,
  type RecordedRun,
  type RecordedScores,
  spreadOf,
} from "./comparison/comparison.ts";
export {
  comparisonCurvesFigure,
  comparisonGapFigure,
  comparisonScoresFigure,
} from "./comparison/comparison_figures.ts";
export {
  divergenceFigure,
  type DivergenceFigureOptions,
  lossOfCollapse,
  type OrderCurve,
  type RunawayOptions,
  weightByRatio,
} from "./comparison/divergence_figure.ts";
