/**
 * A whole training run, as a stream of events.
 *
 * @module
 */
import { type Batch, batches } from "../datasets/batches.ts";
import type { Row } from "../datasets/row.ts";
import { validationLoss } from "../evaluation/validation_loss.ts";
import { saveModel } from "../models/load_model.ts";
import type { GapMeasures } from "../objectives/gap_measures.ts";
import { readCheckpoint, type RunParts, type RunProgress, writeCheckpoint } from "./checkpoint.ts";
import { CheckpointStore } from "./checkpoint_store.ts";
import type { DistillEvent } from "./distill_events.ts";
import { checkDistillOptions, type DistillOptions } from "./distill_options.ts";
import { saveFailedStep } from "./failed_step.ts";
import { NonFiniteLossError } from "./non_finite_loss_error.ts";
import { memoryWarning } from "./run_memory.ts";
import { RowSupply, type SuppliedRows } from "./row_supply.ts";
import { runIdentity } from "./run_identity.ts";
import { studentResponses } from "./student_responses.ts";
import { teacherGroups } from "./teacher_groups.ts";
import { type StepResult, Trainer } from "./trainer.ts";

export type { DistillEvent, StepEvent } from "./distill_events.ts";
export type { DistillOptions } from "./distill_options.ts";

/**
 * Trains the student to the last step, or until the signal.
 *
 * @param options The run.
 * @returns What happens, as it happens. `start` comes first, `stopped` is the last of a run that was stopped.
 * @throws {RangeError | TypeError} If an option makes no sense, or a checkpoint is of another run.
 * @throws {SyntaxError} If a checkpoint is broken; the message names the file.
 * @throws {NonFiniteLossError} If a step's loss or gradient is not finite and none may be passed over any more;
 * checkpoints before it stand.
 *
 * @example
 * ```ts
 * import { distill, initializeModel, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }];
 * const student = initializeModel(json, { seed: 1 });
 * const run = distill({ student, rows, batchSize: 1, totalSteps: 3, optimizer: { learningRate: 1e-2 } });
 * for await (const event of run) if (event.type === "step") console.log(event.step, event.loss);
 * ```
 *
 * @example A step of two on the student's own responses, some of them replayed
 * ```ts
 * import { distill, initializeModel, objective, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, teacher] = [1, 2].map((seed) => initializeModel(json, { seed }));
 * const run = distill({
 *   ...{ student, teacher, objective: objective("gkd"), batchSize: 1, totalSteps: 6, optimizer: { learningRate: 1e-2 } },
 *   rows: [{ ids: [1, 2, 3, 4], promptLength: 2 }],
 *   policy: { name: "mixed", probability: 0.5, replay: "constant" },
 *   responses: { maxNewTokens: 4 },
 *   replayCapacity: 2,
 * });
 * for await (const event of run) if (event.type === "step") console.log(event.source, event.metrics?.bufferSize);
 * ```
 */
export async function* distill(options: DistillOptions): AsyncGenerator<DistillEvent, void> {
  const { rows, batchSize, totalSteps, seed = 0, saveEvery = 0, keepBest = false, signal } = options;
  const { corpusRows = [], corpusBatchSize = batchSize, validRows = [], validateEvery = 0 } = options;
  const { sampleRows = [], sampleEvery = validateEvery } = options;
  checkDistillOptions(options);
  const groups = options.teacherCache
    ? teacherGroups(rows, { batchSize, seed, window: 1, microBatchSize: options.microBatchSize })
    : undefined;
  const trainer = new Trainer({ teacherGroups: groups, ...options });
  try {
    const run = await openRun(options, trainer);
    const { supply, progress, store } = run;
    yield { type: "start", step: trainer.steps, totalSteps, metricsOffset: progress.metricsOffset };
    const warning = memoryWarning(options);
    if (warning !== undefined) run.warnings.push(warning);
    for (const message of run.warnings) yield { type: "warning", step: trainer.steps, message };
    if (trainer.steps === 0 && progress.skipped === 0 && supply.policy.needsValidation) {
      yield await validate(run, validRows);
    }
    const plain = corpusRows.length > 0
      ? batches(corpusRows, { batchSize: corpusBatchSize, seed, cursor: progress.corpusCursor, window: 1 })
      : undefined;
    for (const batch of batches(rows, { batchSize, seed, cursor: progress.cursor, window: 1 })) {
      if (trainer.steps >= totalSteps) break;
      if (signal?.aborted) {
        yield { type: "stopped", step: trainer.steps, path: store && await save(run) };
        return;
      }
      const { epoch } = progress.cursor;
      const began = performance.now();
      const attempt = trainer.steps + progress.skipped;
      const supplied = await supply.rows(attempt, batch.rows);
      const corpus = plain?.next().value;
      const result = await stepOrWarning(run, supplied, corpus);
      progress.cursor = batch.next;
      if (corpus) progress.corpusCursor = corpus.next;
      if ("type" in result) {
        yield result;
        continue;
      }
      const step = trainer.steps;
      const tokens = supplied.rows.reduce((sum, { ids }) => sum + ids.length, 0);
      const seconds = (performance.now() - began) / 1000;
      const { measures, ...figures } = result;
      const metrics = await metricsOf(run, supplied.rows, measures);
      yield { type: "step", step, epoch, source: supplied.source, tokens, seconds, ...figures, metrics };
      let best = false;
      if (isDue(step, validateEvery, totalSteps) && validRows.length > 0) {
        const validation = await validate(run, validRows);
        best = progress.best?.step === step;
        yield validation;
      }
      if (sampleRows.length > 0 && isDue(step, sampleEvery, totalSteps)) {
        yield { type: "sample", step, samples: await samplesOf(options) };
      }
      if (store && ((saveEvery > 0 && step % saveEvery === 0) || (keepBest && best))) {
        yield { type: "checkpoint", step, path: await save(run), best };
      }
      await nextTurn(); // lets signals, timers and servers have their turn between steps
    }
    const { averageFolder } = options;
    if (averageFolder !== undefined) await trainer.average?.during(() => saveModel(trainer.student, averageFolder));
  } finally {
    trainer.dispose();
  }
}

/** A run that is under way. */
interface Run extends RunParts {
  options: DistillOptions;
  progress: RunProgress;
  store?: CheckpointStore;
  warnings: string[];
  /** The step of the checkpoint that was saved or read last. */
  savedStep?: number;
}

async function openRun(options: DistillOptions, trainer: Trainer): Promise<Run> {
  const { student, rows, totalSteps, seed = 0, checkpointFolder, keepLast = 1, resume = false } = options;
  const supply = new RowSupply(options, { student, totalSteps, seed });
  supply.check(rows);
  const progress: RunProgress = {
    cursor: { epoch: 0, position: 0 },
    corpusCursor: { epoch: 0, position: 0 },
    skipped: 0,
  };
  const parts = { trainer, supply, identity: await runIdentity(options) };
  if (checkpointFolder === undefined) return { ...parts, options, progress, warnings: [] };
  const store = new CheckpointStore(checkpointFolder, keepLast);
  const { path, warnings } = await store.open(resume);
  if (path === undefined) return { ...parts, options, progress, store, warnings };
  const read = await readCheckpoint(path, parts);
  const all = [...warnings, ...read.warnings];
  return { ...parts, options, progress: read.progress, store, warnings: all, savedStep: trainer.steps };
}

/** Saves a checkpoint, unless the last one is of this very step. */
async function save(run: Run): Promise<string> {
  const { store, trainer, progress, options: { metricsOffset, keepBest } } = run;
  const { steps } = trainer;
  if (run.savedStep === steps) return store!.pathOf(steps);
  progress.metricsOffset = metricsOffset?.();
  const path = await store!.save(
    steps,
    (folder) => writeCheckpoint(folder, run),
    keepBest ? progress.best?.step : undefined,
  );
  run.savedStep = steps;
  return path;
}

/** Takes a step, or passes over it with a warning where loss or gradient is not finite and that is allowed. */
async function stepOrWarning(
  { trainer, progress, options }: Run,
  { rows, source }: SuppliedRows,
  corpus: Batch | undefined,
): Promise<StepResult | DistillEvent & { type: "warning" }> {
  const { maxSkippedSteps = 0, failureFolder, replaySettings: settings = options.settings ?? {} } = options;
  const corpusRows = corpus?.rows ?? [];
  try {
    return await trainer.step(rows, { corpusRows, recurring: source === "corpus" });
  } catch (error) {
    if (!(error instanceof NonFiniteLossError)) throw error;
    if (progress.skipped < maxSkippedSteps) {
      progress.skipped += 1;
      const message = `step ${error.step} was passed over, ${progress.skipped} of at most ${maxSkippedSteps}: ` +
        error.culprit;
      return { type: "warning", step: trainer.steps, message };
    }
    if (failureFolder === undefined) throw error;
    const path = await saveFailedStep(failureFolder, { trainer, error, rows, corpusRows, settings });
    throw new NonFiniteLossError(error.step, error.culprit, path);
  }
}

async function validate(
  { trainer, supply, progress }: Run,
  validRows: readonly Row[],
): Promise<DistillEvent & { type: "validation" }> {
  const { steps: step, student, average } = trainer;
  const validLoss = await validationLoss(student, validRows);
  supply.policy.observe(validLoss);
  if (!progress.best || validLoss < progress.best.validLoss) progress.best = { step, validLoss };
  if (!average) return { type: "validation", step, validLoss };
  const averageValidLoss = await average.during(() => validationLoss(student, validRows));
  return { type: "validation", step, validLoss, averageValidLoss };
}

async function metricsOf(
  run: Run,
  rows: readonly Row[],
  measures: GapMeasures | undefined,
): Promise<Record<string, number> | undefined> {
  const { trainer, supply, progress, options: { measure } } = run;
  const step = trainer.steps - 1;
  const metrics = {
    ...trainer.settings.moving(step),
    ...supply.metrics(step + progress.skipped),
    ...measures,
    ...await measure?.(trainer, rows),
  };
  return Object.keys(metrics).length > 0 ? metrics : undefined;
}

function samplesOf(options: DistillOptions): Promise<Row[]> {
  const { student, sampleRows = [], sampleTemperature: temperature = 0, responses, seed = 0 } = options;
  return studentResponses(student, sampleRows, { ...responses, temperature, seed });
}

const isDue = (step: number, every: number, last: number): boolean =>
  step === last || (every > 0 && step % every === 0);

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
