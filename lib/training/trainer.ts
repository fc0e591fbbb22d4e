/**
 * The training step: rows in, one step of the optimizer, the losses out.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { checkRow, type Row } from "../datasets/row.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { chunkedLoss } from "../objectives/chunked_loss.ts";
import type { Objective } from "../objectives/objective.ts";
import { globalNorm } from "../operations/mod.ts";
import { pauseTape } from "../operations/pause_tape.ts";
import { AdamWOptimizer, type OptimizerOptions } from "./adam_w_optimizer.ts";
import { learningRateAt, type LearningRateSchedule } from "./learning_rate.ts";
import { freshTeacherStates, keptTeacherStates, type TeacherStates } from "./teacher_states.ts";
import { addTo, joinParts, type StepParts } from "./step_parts.ts";
import { keptTokens, microBatches, trainingBatch } from "./training_batch.ts";

/** Options for {@linkcode Trainer}. */
export interface TrainerOptions {
  /** The model that is trained. */
  student: LanguageModel;
  /** The model it is distilled from; needed unless `distillWeight` is 0. It is never changed. */
  teacher?: LanguageModel;
  /** The distillation loss; needed unless `distillWeight` is 0. */
  objective?: Objective;
  /**
   * Weight of the distillation loss, 0 to 1; the next-token loss has the rest.
   *
   * @default {1 with a teacher, 0 without}
   */
  distillWeight?: number;
  /** Steps of the whole run; the learning rate's schedule spans them. */
  totalSteps: number;
  /** The optimizer and its learning rate. */
  optimizer: OptimizerOptions;
  /**
   * The learning rate over the steps.
   *
   * @default {the cosine, down to 0}
   */
  schedule?: LearningRateSchedule;
  /**
   * Rows that are worked on at once. A step's loss and gradient do not depend on it.
   *
   * @default {all rows of the step}
   */
  microBatchSize?: number;
  /**
   * Response tokens whose logits exist at once.
   *
   * @default {128}
   */
  chunkSize?: number;
  /**
   * Whether the teacher's states of a row are kept for the next time that row comes.
   *
   * @default {false}
   */
  teacherCache?: boolean;
}

/** What a step did. Losses are means over the response tokens of all its rows, in nats. */
export interface StepResult {
  /** `(1 − distillWeight) · lmLoss + distillWeight · distillLoss`. */
  loss: number;
  /** The next-token loss. */
  lmLoss: number;
  /** The objective's mean; 0 where it has no weight. */
  distillLoss: number;
  /** The gradient's Euclidean norm before clipping. */
  gradNorm: number;
  /** The learning rate of this step. */
  learningRate: number;
}

/** A step's loss is not a finite number; nothing has been changed by it. */
export class NonFiniteLossError extends Error {
  /** The error's name, as stacks show it. */
  override name = "NonFiniteLossError";

  /**
   * Says what was not finite.
   *
   * @param step The step, from 0.
   * @param culprit What was not finite, and its value.
   */
  constructor(readonly step: number, readonly culprit: string) {
    super(`Cannot take step ${step}: ${culprit}; the student is as it was before the step`);
  }
}

/** Trains a student by distillation, by next-token loss, or both. */
export class Trainer {
  /** The model that is trained. */
  readonly student: LanguageModel;
  /** Its optimizer. */
  readonly optimizer: AdamWOptimizer;
  readonly #options: TrainerOptions;
  readonly #distillWeight: number;
  readonly #teacherStates?: TeacherStates;

  /**
   * Checks the options and starts the optimizer.
   *
   * @param options The options.
   * @throws {RangeError} If an option makes no sense, or the vocabularies differ.
   * @throws {TypeError} If the weight asks for a teacher or an objective that is not given.
   */
  constructor(options: TrainerOptions) {
    const { student, teacher, objective, distillWeight = teacher ? 1 : 0 } = options;
    checkOptions({ ...options, distillWeight });
    this.#options = options;
    this.#distillWeight = distillWeight;
    this.student = student;
    this.optimizer = new AdamWOptimizer(student.parameters, options.optimizer);
    if (distillWeight > 0 && teacher && objective) {
      this.#teacherStates = options.teacherCache ? keptTeacherStates(teacher) : freshTeacherStates(teacher);
    }
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
  async step(rows: readonly Row[]): Promise<StepResult> {
    if (rows.length === 0) throw new RangeError("Cannot take a step: there must be at least one row, got none");
    rows.forEach(checkRow);
    const { optimizer, schedule, totalSteps } = this.#options;
    const learningRate = learningRateAt(this.steps, { ...schedule, peak: optimizer.learningRate, totalSteps });
    const { lmLoss, distillLoss, gradients } = this.#lossAndGradients(rows);
    try {
      const figures = tf.tidy(() => tf.stack([lmLoss, distillLoss, globalNorm([...gradients.values()])]));
      const [lm, distilled, gradNorm] = await figures.data();
      figures.dispose();
      const weight = this.#distillWeight;
      const loss = (weight < 1 ? (1 - weight) * lm : 0) + (weight > 0 ? weight * distilled : 0);
      const result = { loss, lmLoss: lm, distillLoss: distilled, gradNorm, learningRate };
      this.#checkFinite(result);
      this.optimizer.apply(gradients, { learningRate, gradientNorm: gradNorm });
      return result;
    } finally {
      tf.dispose([lmLoss, distillLoss, ...gradients.values()]);
    }
  }

  /** Frees optimizer and kept states. The models stay. */
  dispose(): void {
    this.optimizer.dispose();
    this.#teacherStates?.dispose();
  }

  #checkFinite(result: StepResult): void {
    for (const part of ["lmLoss", "distillLoss", "gradNorm"] as const) {
      if (!Number.isFinite(result[part])) throw new NonFiniteLossError(this.steps, `${part} is ${result[part]}`);
    }
  }

  #lossAndGradients(rows: readonly Row[]): StepParts {
    const totalTokens = keptTokens(rows);
    let sum: StepParts | undefined;
    for (const part of microBatches(rows, this.#options.microBatchSize)) {
      const parts = this.#microBatch(part, totalTokens);
      sum = sum ? joinParts(sum, parts) : parts;
    }
    return sum!;
  }

  /** One micro-batch's share of the step's losses and gradients. */
  #microBatch(rows: readonly Row[], totalTokens: number): StepParts {
    const { student } = this;
    const { objective, chunkSize } = this.#options;
    const { tokens, keep, labels } = trainingBatch(rows);
    const variables = [...student.parameters.values()];
    let loss: ReturnType<typeof chunkedLoss> | undefined;
    const { value, grads } = tf.variableGrads(() => {
      const states = student.states(tokens, { keep });
      // The loss's gradient at the states is computed beside the tape; the product carries it through the student.
      loss = pauseTape(() => {
        const teacher = this.#teacherStates &&
          { ...this.#teacherStates.scoring(), states: this.#teacherStates.of(rows) };
        const inputs = { states, head: student.cutHead(), softCap: student.config.logitSoftCap, labels, teacher };
        return chunkedLoss(inputs, { objective, distillWeight: this.#distillWeight, totalTokens, chunkSize });
      });
      keepAll(loss);
      return tf.sum(tf.mul(states, loss.statesGradient!)) as tf.Scalar;
    }, variables);
    tf.dispose([value, loss!.statesGradient!]);
    const gradients = new Map([...student.parameters].map(([name, variable]) => [name, grads[variable.name]]));
    addTo(gradients, student.headName, padded(loss!.headGradient!, student.head.shape[0]));
    return { lmLoss: loss!.lmLoss, distillLoss: loss!.distillLoss, gradients };
  }
}

/** The gradient of a head whose padding was cut off: the padding's is 0. Frees its argument. */
function padded(gradient: tf.Tensor2D, rows: number): tf.Tensor2D {
  const missing = rows - gradient.shape[0];
  if (missing === 0) return gradient;
  const whole: tf.Tensor2D = tf.pad(gradient, [[0, missing], [0, 0]]);
  gradient.dispose();
  return whole;
}

function keepAll(tensors: Record<string, tf.Tensor | undefined>): void {
  for (const tensor of Object.values(tensors)) if (tensor) tf.keep(tensor);
}

function checkOptions(options: TrainerOptions): void {
  const { student, teacher, objective, distillWeight, totalSteps, microBatchSize, chunkSize } = options;
  if (!(distillWeight! >= 0 && distillWeight! <= 1)) {
    throw new RangeError(`Cannot train: distillWeight must be in 0..1, current value is ${distillWeight}`);
  }
  if (distillWeight! > 0 && !(teacher && objective)) {
    const absent = teacher ? "an objective" : "a teacher";
    throw new TypeError(`Cannot train: distillWeight ${distillWeight} asks for ${absent}, none is given`);
  }
  for (const [name, value] of Object.entries({ totalSteps, microBatchSize, chunkSize })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`Cannot train: ${name} must be a whole number from 1, current value is ${value}`);
    }
  }
  if (teacher) checkVocabularies(student, teacher);
}

/**
 * Checks that a teacher can teach a student.
 *
 * @throws {RangeError} If their vocabularies are not of one size; the message gives both.
 */
export function checkVocabularies(student: LanguageModel, teacher: LanguageModel): void {
  const [ours, theirs] = [student.vocabularySize, teacher.vocabularySize];
  if (ours !== theirs) {
    throw new RangeError(
      `Cannot train: vocabularies must be of one size, the student's is ${ours}, the teacher's ${theirs}; ` +
        "where heads are padded, limitVocabulary() cuts them",
    );
  }
}
