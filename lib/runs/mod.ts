/**
 * Whole runs and what they write.
 *
 * @module
 */
export { type EventFile, openEventFile, type OpenEventFileOptions } from "./event_file.ts";
export { jsonLines, type JsonLinesOptions } from "./json_lines.ts";
export { recordRun, type RecordRunOptions, type RecordRunResult, type RunHooks, type StartRun } from "./record_run.ts";
export type { RecordedEvent, Recorder, RunEnd, RunStart } from "./recorder.ts";
export { tensorBoard, type TensorBoardOptions } from "./tensor_board.ts";
export {
  type RunData,
  type RunModels,
  type RunRecording,
  type RunTraining,
  trainRun,
  type TrainRunOptions,
} from "./train_run.ts";
