/**
 * The training step: rows in, one step of the optimizer, the losses out.
 *
 * @module
 */
import { aRow, checkList } from "../../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { checkRow, type Row } from "../../batches/row.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import { single } from "../../distributed/single.ts";
import type { AuxiliaryLoss } from "../../models/auxiliary_loss.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import { gapNames, gapSums, namedGaps } from "../../objectives/gap_measures.ts";
import type { LogitPair } from "../../objectives/objective.ts";
import { settleAhead } from "./auxiliary_ahead.ts";
import { AuxiliaryTotal, type AuxiliaryValues, weightedLosses } from "./auxiliary_total.ts";
import { isDue } from "../every.ts";
import { learningRateAt } from "../optimizer/learning_rate.ts";
import { nonFiniteStep } from "./non_finite_step.ts";
import { balancedShares } from "../../batches/row_shares.ts";
import type { Optimizer } from "../optimizer/optimizer.ts";
import { shardedOptimizer } from "../optimizer/sharded_optimizer.ts";
import { replicatedOptimizer, type SharedOptimizer, type SharedSlots } from "../optimizer/shared_optimizer.ts";
import { PackedBatches } from "./packed_batches.ts";
import { stepFigures } from "./step_figures.ts";
import { stepGradients, type StepGradientsOptions } from "./step_gradients.ts";
import type { StepOptions, StepResult } from "./step_result.ts";
import { refuseRetired } from "../retired_names.ts";
import { addTo, emptyParts, type StepParts } from "./step_parts.ts";
import { SettingsSchedule, type StepSettings } from "./step_settings.ts";
import { teacherOf } from "../../teachers/local_teacher.ts";
import { TargetQueue } from "../../teachers/target_queue.ts";
import type { Teacher } from "../../teachers/teacher.ts";
import { checkTrainerOptions } from "./check_trainer_options.ts";
import type { TrainerOptions } from "./trainer_options.ts";
import { keptTokens } from "../../batches/training_batch.ts";
import { WeightAverage } from "./weight_average.ts";

export type { StepOptions, StepResult } from "./step_result.ts";
export { NonFiniteLossError } from "./non_finite_loss_error.ts";
export { checkVocabularies } from "./check_trainer_options.ts";
export type { TrainerOptions } from "./trainer_options.ts";

/**
 * Trains a student by distillation, by next-token loss, or both.
 *
 * @example Ten steps on one row
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, objective, Trainer, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const shape = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, teacher] = [1, 2].map((seed) => initializeModel(shape, { seed }));
 * const options = { totalSteps: 10, optimizer: { learningRate: 1e-2 }, distillWeight: 1 };
 * const trainer = new Trainer({ student, teacher, objective: objective("forward-kl"), ...options });
 * const losses: number[] = [];
 * for (let step = 0; step < 10; step++) {
 *   const { loss } = await trainer.step([{ ids: [1, 2, 3, 4], promptLength: 2 }]);
 *   losses.push(loss);
 * }
 * assert(losses[9] < losses[0]);
 * trainer.dispose();
 * ```
 */
export class Trainer {
  /** The model that is trained. */
  readonly student: LanguageModel;
  /** The ranks that share the work of a step. */
  readonly communicator: Communicator;
  /** The objective and the weights, step by step. */
  readonly settings: SettingsSchedule;
  /** The average of the weights, if one is kept. */
  readonly average?: WeightAverage;
  readonly #shared: SharedOptimizer;
  readonly #options: TrainerOptions;
  readonly #targets?: TargetQueue;
  readonly #references?: TargetQueue;
  readonly #auxiliaryLosses: readonly AuxiliaryLoss[];
  readonly #packed: PackedBatches;

  /**
   * Checks the options and starts the optimizer.
   *
   * @param options The options.
   * @throws {RangeError} If an option is invalid, or the vocabularies differ.
   * @throws {TypeError} If the weight asks for a teacher or an objective that is not given, the objective needs a
   * reference that is not given, or α or λ is set that the objective's mixture does not leave open.
   */
  constructor(options: TrainerOptions) {
    checkTrainerOptions(options);
    const { student, teacher, reference, averageDecay, communicator = single(), shardOptimizer = false } = options;
    this.#options = options;
    this.settings = new SettingsSchedule(options);
    this.student = student;
    this.#auxiliaryLosses = weightedLosses(student, options.auxiliaryWeights);
    const { contextLength } = student.config;
    this.#packed = new PackedBatches({ ...options, contextLength, whole: this.#auxiliaryLosses.length > 0 });
    this.communicator = communicator;
    const makeOptimizer = shardOptimizer ? shardedOptimizer : replicatedOptimizer;
    this.#shared = makeOptimizer(student.trainable, { ...options.optimizer, communicator });
    if (averageDecay !== undefined) this.average = new WeightAverage(student.trainable, averageDecay);
    if (teacher) this.#targets = new TargetQueue(teacherOf(teacher));
    if (reference) this.#references = new TargetQueue(teacherOf(reference), { prompts: false });
  }

  /** The teacher, if there is one. */
  get teacher(): Teacher | undefined {
    return this.#targets?.teacher;
  }

  /** The objective's reference model, if it needs one. */
  get reference(): Teacher | undefined {
    return this.#references?.teacher;
  }

  /** The optimizer of the parameters that this rank updates: all of them, or its part. */
  get optimizer(): Optimizer {
    return this.#shared.optimizer;
  }

  /** The optimizer's state, on whichever rank it is. */
  get slots(): SharedSlots {
    return this.#shared.slots;
  }

  /** Steps taken. */
  get steps(): number {
    return this.optimizer.step;
  }

  /**
   * Takes one step on these rows.
   *
   * @param rows Any number of rows; their order changes nothing.
   * @throws {RangeError} If there is no row, or one without prompt or response.
   * @throws {NonFiniteLossError} If loss or gradient is not finite; the student is then unchanged.
   */
  async step(rows: readonly Row[], options: StepOptions = {}): Promise<StepResult> {
    refuseRetired("take a step", options);
    const { textRows = [] } = options;
    for (const list of [{ rows }, { textRows }]) checkList("take a step", list, aRow);
    if (rows.length === 0) throw new RangeError("Cannot take a step: at least one row is needed, current count is 0");
    rows.forEach(checkRow);
    textRows.forEach(checkRow);
    const { optimizer, schedule, totalSteps } = this.#options;
    const settings = this.settings.at(this.steps);
    const { student, communicator } = this;
    const ranks = { communicator, countsInNorm: this.#shared.countsInNorm };
    const learningRate = learningRateAt(this.steps, { ...schedule, peak: optimizer.learningRate, totalSteps });
    const sum = this.#shared.sum();
    // Gradients are sent during the backward pass; those of plain text would come after them.
    const onGradient = communicator.size > 1 && textRows.length === 0 ? sum.add : undefined;
    const parts = await this.#lossAndGradients(rows, settings, { ...options, onGradient });
    const { lmLoss, distillLoss, textLoss, measures, auxiliary } = parts;
    let gradients: ReadonlyMap<string, tf.Tensor> = parts.gradients;
    try {
      gradients = await sum.finish(gradients);
      const [gradNorm, lm, distilled, plain, ...measured] = await stepFigures({ ...parts, gradients }, ranks);
      const { distillWeight: weight, textWeight } = settings;
      const loss = (weight < 1 ? (1 - weight) * lm : 0) + (weight > 0 ? weight * distilled : 0) + plain +
        (auxiliary?.weighted ?? 0);
      const result: StepResult = { loss, lmLoss: lm, distillLoss: distilled, gradNorm, learningRate };
      if (textLoss) result.textLoss = plain / textWeight;
      if (auxiliary) result.auxiliaryLosses = auxiliary.values;
      const { teacher, reference } = weight > 0 ? this : { teacher: undefined, reference: undefined };
      const parties = { student, teacher, reference, ...settings, rows, textRows, gradients };
      const error = await nonFiniteStep(result, { step: this.steps, communicator, parties });
      if (error) throw error;
      this.settings.observe(this.steps, distilled);
      await this.#shared.apply(gradients, { learningRate, gradientNorm: gradNorm });
      this.average?.update();
      this.#options.onPhase?.("optimizer");
      if (measures) result.measures = namedGaps(measured, settings.objective);
      return result;
    } finally {
      tf.dispose([lmLoss, distillLoss, ...gradients.values()]);
      textLoss?.dispose();
      measures?.dispose();
    }
  }

  /**
   * Waits for what this rank needs of teachers that work beside the student to take a step on these rows.
   *
   * @throws {TeacherError} If one fails, before any rank has begun the step.
   */
  async awaitTargets(rows: readonly Row[], { recurring = true }: Pick<StepOptions, "recurring"> = {}): Promise<void> {
    if (this.settings.at(this.steps).distillWeight === 0) return;
    for (const batch of this.#packed.ahead(this.#shareOf(rows), recurring)) {
      for (const queue of [this.#targets, this.#references]) await queue?.arrive(batch);
    }
  }

  /** Frees optimizer and average. The models stay. */
  dispose(): void {
    this.#shared.dispose();
    this.average?.dispose();
    this.#targets?.dispose();
    this.#references?.dispose();
  }

  /** The rows that this rank processes. */
  #shareOf(rows: readonly Row[]): readonly Row[] {
    return (this.#options.rowShares ?? balancedShares(this.communicator))(rows);
  }

  /** This rank's share of the losses and gradients, the sums divided by what all ranks have. */
  async #lossAndGradients(
    rows: readonly Row[],
    { objective, distillWeight, textWeight }: StepSettings,
    { textRows = [], recurring = true, upcoming, onGradient }: StepOptions & Pick<StepGradientsOptions, "onGradient">,
  ): Promise<StepParts & { textLoss?: tf.Scalar; auxiliary?: AuxiliaryValues }> {
    const { chunkSize, recompute, onPhase, measureEvery = "never", totalSteps } = this.#options;
    const { student, communicator } = this;
    const sizes = { chunkSize, recompute, onPhase };
    const asked = distillWeight > 0 && { targets: this.#targets, references: this.#references };
    // Each rank's adapters have draws of their own.
    const passOf = (part: string) => ({
      step: this.steps,
      part: communicator.size > 1 ? `${part} of rank ${communicator.rank}` : part,
    });
    const measured = isDue(measureEvery, { step: this.steps, last: totalSteps - 1 }) && distillWeight > 0;
    const measure = measured ? (logits: LogitPair) => gapSums(logits, objective) : undefined;
    const share = this.#packed.of(this.#shareOf(rows), recurring);
    const textShare = this.#packed.of(textWeight > 0 ? balancedShares(communicator)(textRows) : [], false);
    const [next] = upcoming ? this.#packed.ahead(this.#shareOf(upcoming), recurring) : [];
    const losses = this.#auxiliaryLosses;
    const auxiliary = losses.length > 0 ? new AuxiliaryTotal(losses, communicator) : undefined;
    const pass = passOf("rows");
    if (auxiliary) {
      await settleAhead(auxiliary, student, [{ batches: share, pass }, { batches: textShare, pass: passOf("corpus") }]);
    }
    const totalTokens = keptTokens(rows);
    const distilled = { objective, ...asked, next, distillWeight, totalTokens, measure, auxiliary, onGradient, pass };
    const parts = share.length > 0
      ? await stepGradients(student, share, { ...sizes, ...distilled })
      : emptyParts(student.trainable, measured ? gapNames(objective).length : 0);
    const whole = { ...parts, auxiliary: auxiliary?.result };
    if (textRows.length === 0 || textWeight === 0) return whole;
    if (textShare.length === 0) return { ...whole, textLoss: tf.scalar(0) };
    // The sum over tokens divided by tokens / weight is the weighted mean.
    const totalText = keptTokens(textRows) / textWeight;
    const plain = { distillWeight: 0, totalTokens: totalText, pass: passOf("corpus"), auxiliary };
    const { distillLoss, gradients, lmLoss } = await stepGradients(student, textShare, { ...sizes, ...plain });
    distillLoss.dispose();
    for (const [name, gradient] of gradients) addTo(parts.gradients, name, gradient);
    return { ...whole, textLoss: lmLoss };
  }
}
