/**
 * Figures and the report page.
 *
 * @module
 */
export { escapeHtml } from "./html.ts";
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
} from "./run_result.ts";
export { heatMapFigure, type HeatMapOptions, type HeatPoint } from "./heat_map.ts";
export { sweepPage, type SweepPageOptions } from "./sweep_page.ts";
export { type SettingCurves, settingCurvesFigure } from "./setting_curves.ts";
export type { Axis, BarTrace, HeatmapTrace, PlotSpecification, ScatterTrace } from "./specification.ts";
