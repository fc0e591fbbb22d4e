/**
 * A whole training run, as a stream of events.
 *
 * @module
 */
import { definedOptions } from "../../arguments/defined_options.ts";
import { batches, type Cursor } from "../../batches/batches.ts";
import type { Row } from "../../batches/row.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import { onAnyRank, RankError, spread } from "../../distributed/deal.ts";
import { onFirstRank } from "../../distributed/first_rank.ts";
import { gatherValues } from "../../distributed/messages.ts";
import { saveAdaptedModel } from "../../models/lora/save_adapted.ts";
import type { DistillEvent } from "./distill_events.ts";
import { endTokenWarning, responsesWithEnds } from "../policy/answer_ends.ts";
import { isDue, isRegular } from "../every.ts";
import { checkDistillOptions, DISTILL_DEFAULTS, type DistillOptions, textWeightOf } from "./distill_options.ts";
import { lastingShares, type RowShares } from "../../batches/row_shares.ts";
import type { SuppliedRows } from "../policy/row_supply.ts";
import { memoryWarning } from "../memory/run_memory.ts";
import { beginRun, guarded, metricsOf, openRun, type Run, samplesOf, save, validate } from "./run.ts";
import { teacherOf } from "../../teachers/local_teacher.ts";
import { teacherPlan } from "../../teachers/teacher_rows.ts";
import type { Teacher } from "../../teachers/teacher.ts";
import { TeacherError } from "../../teachers/teacher_error.ts";
import { Trainer } from "../step/trainer.ts";

export type { DistillEvent, StartEvent, StepEvent } from "./distill_events.ts";
export type { DistillOptions } from "./distill_options.ts";

/**
 * Trains the student to the last step, or until the signal.
 *
 * @param given The run.
 * @returns The events, as they happen. `start` comes first, `stopped` is the last of a run that was stopped.
 * @throws {RangeError | TypeError} If an option is invalid, or a checkpoint is of another run.
 * @throws {SyntaxError} If a checkpoint is broken; the message names the file.
 * @throws {NonFiniteLossError} If a step's loss or gradient is not finite and no more may be skipped;
 * earlier checkpoints remain.
 * @throws {TeacherError} If the teacher cannot answer, as a server that is gone; the run is saved before, where one process
 * runs and has a folder of checkpoints.
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
 *   student,
 *   teacher,
 *   objective: objective("gkd"),
 *   batchSize: 1,
 *   totalSteps: 6,
 *   optimizer: { learningRate: 1e-2 },
 *   rows: [{ ids: [1, 2, 3, 4], promptLength: 2 }],
 *   policy: { name: "mixed", probability: 0.5, replay: "constant" },
 *   responses: { maxNewTokens: 4 },
 *   replayCapacity: 2,
 * });
 * for await (const event of run) if (event.type === "step") console.log(event.source, event.metrics?.bufferSize);
 * ```
 */
export async function* distill(given: DistillOptions): AsyncGenerator<DistillEvent, void> {
  checkDistillOptions(given);
  const options = {
    ...DISTILL_DEFAULTS,
    ...definedOptions(given),
    textWeight: textWeightOf(given),
    responses: responsesWithEnds(given),
  };
  const { rows, batchSize, totalSteps, seed, validateEvery, saveEvery, keepBest, signal } = options;
  const { textRows = [], textBatchSize = batchSize, validRows = [] } = options;
  const { sampleRows = [], sampleEvery = validateEvery } = options;
  const teacher = options.teacher && teacherOf(options.teacher);
  const reference = options.reference && teacherOf(options.reference);
  const others = [teacher, reference].flatMap((other) => other ?? []);
  const rowShares = options.rowShares ?? lastingSharesOf(options, others);
  const trainer = new Trainer({ ...options, teacher, reference, rowShares });
  const { communicator } = trainer;
  let run: Run | undefined;
  try {
    const { microBatchSize } = options;
    const plan = { rows, batchSize, seed, microBatchSize, shares: rowShares, communicator };
    if (teacher) await teacher.open?.(teacherPlan(teacher, plan));
    await reference?.open?.(plan);
    run = await openRun(options, trainer);
    const { supply, progress, store } = run;
    const names = { teacher: teacher?.name, reference: reference?.name };
    yield { type: "start", step: trainer.steps, totalSteps, metricsOffset: progress.metricsOffset, ...names };
    if (!options.resume) await beginRun(run);
    for (const warning of [memoryWarning(options), endTokenWarning(options)]) {
      if (warning !== undefined) run.warnings.push(warning);
    }
    for (const message of await warningsOfAll(communicator, run.warnings)) {
      yield { type: "warning", step: trainer.steps, message };
    }
    if (!progress.validated && supply.policy.needsValidation) {
      yield await validate(run, { validRows });
    }
    const plain = textRows.length > 0
      ? batches(textRows, { batchSize: textBatchSize, seed, cursor: progress.textCursor, window: 1 })
      : undefined;
    const servers = others.some(({ worksBeside }) => worksBeside);
    const ahead = servers && (options.policy?.name ?? "off") === "off"
      ? (cursor: Cursor) => batches(rows, { batchSize, seed, cursor, window: 1 }).next().value?.rows
      : undefined;
    for (const batch of batches(rows, { batchSize, seed, cursor: progress.cursor, window: 1 })) {
      if (trainer.steps >= totalSteps) break;
      if (await onAnyRank(communicator, signal?.aborted ?? false)) {
        yield { type: "stopped", step: trainer.steps, path: store && await save(run) };
        return;
      }
      const { epoch } = progress.cursor;
      const began = performance.now();
      const attempt = trainer.steps + progress.skipped;
      const text = plain?.next().value;
      let supplied: SuppliedRows = { rows: batch.rows, source: "corpus" };
      const take = async () => {
        supplied = await supply.rows(attempt, batch.rows);
        const recurring = supplied.source === "corpus";
        if (servers) await targetsOnAll(trainer, supplied.rows, { recurring });
        const upcoming = ahead && trainer.steps + 1 < totalSteps ? ahead(batch.next) : undefined;
        return await trainer.step(supplied.rows, { textRows: text?.rows, recurring, upcoming });
      };
      const rowsOf = () => ({ rows: supplied.rows, textRows: text?.rows ?? [] });
      const before = supply.state();
      let result: Awaited<ReturnType<typeof guarded>>;
      try {
        result = await guarded(run, { take, rowsOf });
      } catch (error) {
        const onAll = communicator.size === 1 || servers;
        if (!(error instanceof TeacherError) || !store || !onAll) throw error;
        supply.restore(before);
        const path = await save(run);
        yield { type: "checkpoint", step: trainer.steps, path, best: false };
        throw new TeacherError(error.reason, path, { cause: error });
      }
      progress.cursor = batch.next;
      if (text) progress.textCursor = text.next;
      if ("type" in result) {
        yield result;
        continue;
      }
      const step = trainer.steps;
      const tokens = supplied.rows.reduce((sum, { ids }) => sum + ids.length, 0);
      const seconds = (performance.now() - began) / 1000;
      const { measures, auxiliaryLosses, ...figures } = result;
      const metrics = await metricsOf(run, supplied.rows, { ...auxiliaryLosses, ...measures });
      yield { type: "step", step, epoch, source: supplied.source, tokens, seconds, ...figures, metrics };
      let best = false;
      const at = { step, last: totalSteps };
      if (validRows.length > 0 && isDue(validateEvery, at)) {
        const validation = await validate(run, { validRows, regular: isRegular(validateEvery, step) });
        best = progress.best?.step === step;
        yield validation;
      }
      if (sampleRows.length > 0 && isDue(sampleEvery, at)) {
        yield { type: "sample", step, samples: await samplesOf(options) };
      }
      if (store && (isRegular(saveEvery, step) || (keepBest && best))) {
        yield { type: "checkpoint", step, path: await save(run), best };
      }
      await nextTurn(); // lets signals, timers and servers run between steps
    }
    if (store && saveEvery !== "never" && run.savedStep !== trainer.steps) {
      yield { type: "checkpoint", step: trainer.steps, path: await save(run), best: false };
    }
    const { averageFolder } = options;
    if (averageFolder !== undefined) {
      await trainer.average?.during(() =>
        onFirstRank(communicator, () => saveAdaptedModel(trainer.student, averageFolder))
      );
    }
  } finally {
    run?.store?.close();
    trainer.dispose();
  }
}

/**
 * Waits for the targets of a step on every rank.
 *
 * @throws {TeacherError} On every rank if the teacher of one fails, so that all save the run together.
 */
async function targetsOnAll(trainer: Trainer, rows: readonly Row[], options: { recurring: boolean }): Promise<void> {
  const { communicator } = trainer;
  if (communicator.size === 1) return;
  await spread([], {
    communicator,
    work: async () => {
      await trainer.awaitTargets(rows, options);
      return [];
    },
    failure: ({ rank, name, message }) =>
      name === "TeacherError"
        ? new TeacherError(`rank ${rank}: ${message}`)
        : new RankError(`rank ${rank}: ${message}`),
  });
}

/** The rank that processes each row: the same one in every epoch if teacher or reference keep targets of rows. */
function lastingSharesOf(options: DistillOptions, others: readonly Teacher[]): RowShares | undefined {
  const { rows, batchSize, seed = DISTILL_DEFAULTS.seed, communicator } = options;
  if (!others.some(({ keepsRows }) => keepsRows) || !communicator) return undefined;
  return lastingShares(rows, { batchSize, seed, window: 1, communicator });
}

/** The ranks' warnings: those of all ranks once, others with the rank's number. */
async function warningsOfAll(communicator: Communicator, own: readonly string[]): Promise<string[]> {
  const [first, ...others] = await gatherValues(communicator, own);
  const further = others.flatMap((warnings, index) =>
    warnings.filter((warning) => !first.includes(warning)).map((warning) => `rank ${index + 1}: ${warning}`)
  );
  return [...first, ...further];
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
