/**
 * Whole runs: recorders, scores, reports, sweeps, comparisons.
 *
 * @module
 */
export { chooseLayers, type ChooseLayersOptions } from "./choose_layers.ts";
export { type EventFile, openEventFile, type OpenEventFileOptions } from "./event_file.ts";
export { jsonLines, type JsonLinesOptions } from "./json_lines.ts";
export { recordRun, type RecordRunOptions, type RecordRunResult, type RunHooks, type StartRun } from "./record_run.ts";
export type { RecordedEvent, Recorder, RunEnd, RunStart } from "./recorder.ts";
export { tensorBoard, type TensorBoardOptions } from "./tensor_board.ts";
export { type RunRecording, trainRun, type TrainRunOptions, type TrainRunResult } from "./train_run.ts";
export type { RunData, RunModels, RunTraining } from "./run_parts.ts";
export type { FineTuningResult, RunReport } from "./run_report.ts";
export { type Place, placeOf } from "../engines/place.ts";
export {
  type Asking,
  constantScores,
  type HeldOut,
  type HeldOutText,
  scoreModel,
  type ScoreModelOptions,
  type ScoresAndAnswers,
} from "./scores.ts";
export { type PackedTargets, packTargets, type PackTargetsOptions } from "./pack_targets.ts";
export { type PseudoTargets, pseudoTargets, type PseudoTargetsOptions } from "./pseudo_targets.ts";
export { teacherStorage, type TeacherStorageOptions } from "./teacher_storage.ts";
export { writeReport, type WriteReportOptions } from "./write_report.ts";
export { type ClosableWork, type SharedWork, sharedWork, unshared } from "./shared_work.ts";
export {
  runSweep,
  type RunSweepOptions,
  sweep,
  type SweepContext,
  type SweepEnd,
  type SweepOptions,
  type SweepResult,
} from "./sweep/sweep.ts";
export type { Failure } from "./sweep/sweep_record.ts";
export { type SweepRun, sweepRuns, type SweepValue, type ValuesOf, type Varied } from "./sweep/sweep_run.ts";
export {
  type CandidateScore,
  selectCheckpoint,
  type SelectCheckpointOptions,
  type Selection,
} from "./selection/select_checkpoint.ts";
export type { ScoreCandidateOptions } from "./selection/score_candidate.ts";
export {
  type ComparedSetting,
  compareSettings,
  type CompareSettingsOptions,
  type ComparisonContext,
} from "./comparison/compare_settings.ts";
export {
  fitsConfiguration,
  type ModelRecord,
  readRunRecords,
  type RunMetrics,
  type RunPlace,
  type RunRecord,
  type SetRecord,
  type SettingValue,
  writeRunRecord,
} from "./records/run_record.ts";
export { type MetricsLine, type RunCost, type RunCurve, runCurve, type RunCurveOptions } from "./records/run_curve.ts";
