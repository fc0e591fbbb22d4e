/**
 * A run in progress: how it is started or resumed, saved, validated, and how it takes its steps.
 *
 * @module
 */
import { checkAgreement } from "../../distributed/agreement.ts";
import { onFirstRank } from "../../distributed/first_rank.ts";
import { broadcastValue } from "../../distributed/messages.ts";
import type { Row } from "../../batches/row.ts";
import { validationLoss } from "./validation_loss.ts";
import { NonFiniteLogitsError } from "../../models/generation/sample_token.ts";
import { readCheckpoint, type RunParts, type RunProgress, writeCheckpoint } from "./checkpoint.ts";
import { CheckpointStore } from "./checkpoint_store.ts";
import type { DistillEvent } from "./distill_events.ts";
import { DISTILL_DEFAULTS, type DistillOptions } from "./distill_options.ts";
import { saveFailedStep } from "./failed_step.ts";
import { modelDigest } from "../../models/model_identity.ts";
import { NonFiniteLossError } from "../step/non_finite_loss_error.ts";
import { RowSupply } from "../policy/row_supply.ts";
import { runIdentity } from "./run_identity.ts";
import { lengthChange } from "./run_length.ts";
import { studentResponses } from "../policy/student_responses.ts";
import type { StepResult, Trainer } from "../step/trainer.ts";
import { attendWriting } from "./trainer_files.ts";

/** A run in progress. */
export interface Run extends RunParts {
  options: DistillOptions;
  progress: RunProgress;
  store?: CheckpointStore;
  warnings: string[];
  /** The step of the last checkpoint that was saved or read. */
  savedStep?: number;
}

/**
 * Assembles a run, and resumes from its checkpoint if requested. A new run has written nothing
 * yet: {@linkcode beginRun} makes its folder ready.
 */
export async function openRun(options: DistillOptions, trainer: Trainer): Promise<Run> {
  const { student, rows, totalSteps, seed = DISTILL_DEFAULTS.seed, checkpointFolder } = options;
  const { keepLast = DISTILL_DEFAULTS.keepLast, resume = false } = options;
  const { communicator: ranks } = options;
  const contextLength = Math.min(
    student.config.contextLength,
    ...[trainer.teacher, trainer.reference].map((other) => other?.contextLength ?? Infinity),
  );
  // One that reads the prompts itself has other tokens, and cuts what is too long.
  const teacherContext = trainer.teacher?.readsPrompts ? undefined : trainer.teacher?.contextLength;
  const context = { student, totalSteps, seed, contextLength, teacherContext, communicator: ranks };
  const supply = new RowSupply(options, context);
  supply.check(rows);
  const progress: RunProgress = {
    cursor: { epoch: 0, position: 0 },
    textCursor: { epoch: 0, position: 0 },
    validated: false,
    skipped: 0,
  };
  const identity = await runIdentity(options);
  const parts = { trainer, supply, identity };
  const { communicator } = trainer;
  if (communicator.size > 1) {
    const teacher = await trainer.teacher?.identity();
    const reference = await trainer.reference?.identity();
    const weights = {
      "student's hash": await modelDigest(student),
      "teacher's hash": await teacher?.digest(),
      "reference's hash": await reference?.digest(),
    };
    await checkAgreement(communicator, { ...identity.settings, ...identity.rounding, ...definedOf(weights) });
  }
  if (checkpointFolder === undefined) return { ...parts, options, progress, warnings: [] };
  const store = new CheckpointStore(checkpointFolder, keepLast);
  if (!resume) return { ...parts, options, progress, store, warnings: [] };
  const { path, warnings } = await onFirstRank(communicator, () => store.open(resume));
  if (path === undefined) return { ...parts, options, progress, store, warnings };
  const read = await readCheckpoint(path, parts).catch((error) => {
    store.close();
    throw error;
  });
  const before = { taken: trainer.steps, totalSteps: read.totalSteps, schedules: trainer.settings.state() };
  const change = lengthChange(options, before);
  const all = [...warnings, ...read.warnings, ...change === undefined ? [] : [change]];
  return { ...parts, options, progress: read.progress, store, warnings: all, savedStep: trainer.steps };
}

/** Prepares the folder of a new run. */
export async function beginRun({ store, trainer }: Run): Promise<void> {
  if (store) await onFirstRank(trainer.communicator, () => store.open(false));
}

/** Saves a checkpoint, unless the last one is of this very step. */
export async function save(run: Run): Promise<string> {
  const { store, trainer, progress, options: { metricsOffset, keepBest } } = run;
  const { steps } = trainer;
  if (run.savedStep === steps) return store!.pathOf(steps);
  progress.metricsOffset = metricsOffset?.();
  const best = keepBest ? progress.best?.step : undefined;
  const path = await written(trainer, () => store!.save(steps, (folder) => writeCheckpoint(folder, run), best));
  run.savedStep = steps;
  return path;
}

const definedOf = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]));

/**
 * Has the first rank write something that contains the trainer's state, with the help of the others, and sends its path
 * to all.
 */
async function written(trainer: Trainer, write: () => Promise<string>): Promise<string> {
  const { communicator } = trainer;
  const path = communicator.rank === 0 ? await write() : void await attendWriting(trainer);
  return (await broadcastValue(communicator, path))!;
}

/** Takes a step, or skips it with a warning if loss or gradient is not finite and skipping is allowed. */
export async function guarded(
  { trainer, progress, options }: Run,
  { take, rowsOf }: {
    take: () => Promise<StepResult>;
    rowsOf: () => { rows: readonly Row[]; textRows: readonly Row[] };
  },
): Promise<StepResult | DistillEvent & { type: "warning" }> {
  const { maxSkippedSteps = 0, failureFolder, replaySettings: settings = options.settings ?? {} } = options;
  try {
    return await take();
  } catch (cause) {
    const error = cause instanceof NonFiniteLogitsError
      ? new NonFiniteLossError(trainer.steps, `the student cannot respond: ${cause.message}`)
      : cause;
    if (!(error instanceof NonFiniteLossError)) throw error;
    if (progress.skipped < maxSkippedSteps) {
      progress.skipped += 1;
      const message = `step ${error.step} was skipped, ${progress.skipped} of at most ${maxSkippedSteps}: ` +
        error.culprit;
      return { type: "warning", step: trainer.steps, message };
    }
    if (failureFolder === undefined) throw error;
    const path = await written(
      trainer,
      () => saveFailedStep(failureFolder, { trainer, error, settings, ...rowsOf() }),
    );
    throw new NonFiniteLossError(error.step, error.culprit, path);
  }
}

/**
 * Computes the validation loss, and passes it to the policy unless it is computed only because the run ends: a longer
 * run would not have computed it.
 */
export async function validate(
  { trainer, supply, progress }: Run,
  { validRows, regular = true }: { validRows: readonly Row[]; regular?: boolean },
): Promise<DistillEvent & { type: "validation" }> {
  const { steps: step, student, average, communicator } = trainer;
  const validLoss = await validationLoss(student, validRows, { communicator });
  if (regular) supply.policy.observe(validLoss);
  progress.validated = true;
  // The start is the value to improve on; it is not among the checkpoints.
  if (step > 0 && (!progress.best || validLoss < progress.best.validLoss)) progress.best = { step, validLoss };
  if (!average) return { type: "validation", step, validLoss };
  const averageValidLoss = await average.during(() => validationLoss(student, validRows, { communicator }));
  return { type: "validation", step, validLoss, averageValidLoss };
}

/** The metrics of the step that was just taken. */
export async function metricsOf(
  run: Run,
  rows: readonly Row[],
  measures: Readonly<Record<string, number>>,
): Promise<Record<string, number> | undefined> {
  const { trainer, supply, progress, options: { measure } } = run;
  const step = trainer.steps - 1;
  const metrics = {
    ...trainer.settings.moving(step),
    ...supply.metrics(step + progress.skipped),
    ...measures,
    ...trainer.teacher?.measures?.(rows),
    ...trainer.teacher?.retries ? { teacherRetries: trainer.teacher.retries } : {},
    ...await measure?.(trainer, rows),
  };
  return Object.keys(metrics).length > 0 ? metrics : undefined;
}

/** The student's answers to the sample rows. */
export function samplesOf(options: DistillOptions): Promise<Row[]> {
  const { student, sampleRows = [], responses, communicator } = options;
  const { sampleTemperature: temperature = DISTILL_DEFAULTS.sampleTemperature, seed = DISTILL_DEFAULTS.seed } = options;
  return studentResponses(student, sampleRows, { ...responses, temperature, seed, communicator });
}
