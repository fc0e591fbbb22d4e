/**
 * What a trainer is made from.
 *
 * @module
 */
import {
  aModel,
  anObjective,
  aNumber,
  aTeacher,
  checkArguments,
  objectWith,
  optional,
} from "../../arguments/check_arguments.ts";
import type { Schedule } from "../../assistants/schedules.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import type { Objective } from "../../objectives/objective.ts";
import { withMixture } from "../../objectives/with_mixture.ts";
import type { RowShares } from "../../batches/row_shares.ts";
import type { OptimizerOptions } from "../optimizer/optimizer.ts";
import type { Teacher } from "../../teachers/teacher.ts";
import type { StepPhase } from "./step_gradients.ts";
import { checkEvery, type Every } from "../every.ts";
import { checkSchedule, type LearningRateSchedule } from "../optimizer/learning_rate.ts";

/** Options for {@linkcode Trainer}. */
export interface TrainerOptions {
  /** The model that is trained. */
  student: LanguageModel;
  /** What it is distilled from, a model or any other teacher; needed unless `distillWeight` is 0. It is never changed. */
  teacher?: LanguageModel | Teacher;
  /** The distillation loss; needed unless `distillWeight` is 0. */
  objective?: Objective;
  /** A third model that the objective compares with; needed where it says so, and never changed. */
  reference?: LanguageModel | Teacher;
  /**
   * The order of the objective's mixture, set by its `withMixture`.
   *
   * @default {the objective's own}
   */
  alpha?: number | Schedule;
  /**
   * The teacher's weight in the objective's mixture, set by its `withMixture`.
   *
   * @default {the objective's own}
   */
  lambda?: number | Schedule;
  /**
   * What both models' logits are divided by in the distillation loss.
   *
   * @default {1}
   */
  temperature?: number | Schedule;
  /**
   * Weight of the distillation loss, 0 to 1; the next-token loss has the rest.
   *
   * @default {1 with a teacher, 0 without}
   */
  distillWeight?: number | Schedule;
  /**
   * Weight of the next-token loss on the corpus rows that a step is given beside its own, from 0.
   *
   * @default {0}
   */
  corpusWeight?: number | Schedule;
  /**
   * Weights of the student's auxiliary losses, by name: `{ balanceLoss: 0.01 }` for a mixture of experts. They are taken
   * over all tokens of a step, however the step is divided, and added to its loss.
   *
   * @default {those of its config.json}
   */
  auxiliaryWeights?: Readonly<Record<string, number>>;
  /** Steps of the whole run; schedules span them. */
  totalSteps: number;
  /** The optimizer and its learning rate. */
  optimizer: OptimizerOptions;
  /**
   * The learning rate over the steps.
   *
   * @default {the cosine, down to 0}
   */
  schedule?: LearningRateSchedule;
  /** Decay, in `[0, 1)`, of a moving average of the weights; none is kept where it is absent. */
  averageDecay?: number;
  /**
   * Rows that are worked on at once. A step's loss and gradient do not depend on it.
   *
   * @default {all rows of the step}
   */
  microBatchSize?: number;
  /**
   * Response tokens whose logits exist at once.
   *
   * @default {192}
   */
  chunkSize?: number;
  /**
   * Whether the backward pass computes each of the student's blocks again, from the states before it, instead of keeping
   * its activations: less memory for more work, and the same gradient.
   *
   * @default {false}
   */
  recompute?: boolean;
  /**
   * How often the gap between teacher, assistant and student is measured before a step, from the first step on. Steps in
   * which the distillation loss has no weight are not measured.
   *
   * @default {"never", in a run of distill() 10}
   */
  measureEvery?: Every;
  /**
   * Called for each part of a micro-batch and of the optimizer once its work is queued on the engine; for profiling.
   */
  onPhase?: (phase: StepPhase) => void;
  /**
   * The ranks that share the work of a step. Each is given all of a step's rows, works on its share, and reports the means
   * over the rows of all. They take the steps of a single process except for rounding and for the inputs that adapters
   * drop: each rank draws its own.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
  /**
   * Which of a step's rows this rank works on.
   *
   * @default {about as many tokens as any other rank}
   */
  rowShares?: RowShares;
  /**
   * Whether each rank keeps the optimizer's state of a part of the weights only, and updates that part for all.
   *
   * @default {false}
   */
  shardOptimizer?: boolean;
}

/**
 * Checks what schedules and optimizer do not check themselves.
 *
 * @throws {RangeError} If an option is invalid, or the vocabularies differ.
 * @throws {TypeError} If the weight asks for a teacher or an objective that is not given, the objective needs a reference
 * that is not given, or α or λ is set that the objective's mixture does not leave open.
 */
export function checkTrainerOptions(options: TrainerOptions): void {
  checkKinds(options);
  const { student, teacher, objective, totalSteps, microBatchSize, chunkSize, schedule = {} } = options;
  const { distillWeight = teacher ? 1 : 0, corpusWeight = 0, lambda = 0, temperature = 1 } = options;
  checkEnds("distillWeight", distillWeight, { inRange: (value) => value >= 0 && value <= 1, range: "in 0..1" });
  checkEnds("lambda", lambda, { inRange: (value) => value >= 0 && value <= 1, range: "in 0..1" });
  checkEnds("corpusWeight", corpusWeight, { inRange: (value) => value >= 0 && value < Infinity, range: "from 0" });
  checkEnds("temperature", temperature, { inRange: (value) => value > 0 && value < Infinity, range: "above 0" });
  if (ends(distillWeight).some((weight) => weight > 0) && !(teacher && objective)) {
    const absent = teacher ? "an objective" : "a teacher";
    throw new TypeError(`Cannot train: distillWeight ${ends(distillWeight)[0]} asks for ${absent}, none is given`);
  }
  checkObjective(options);
  checkSparse(options);
  for (const [name, value] of Object.entries({ totalSteps, microBatchSize, chunkSize })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`Cannot train: ${name} must be a whole number from 1, current value is ${value}`);
    }
  }
  if (options.measureEvery !== undefined) checkEvery("measureEvery", options.measureEvery);
  checkSchedule(schedule);
  if (teacher) checkVocabularies(student, teacher);
  if (options.reference) checkVocabularies(student, options.reference, "reference");
}

/** The objective with the mixture that its first step has, which shows whether it can be set. */
export function firstObjective(
  { objective, alpha, lambda }: Pick<TrainerOptions, "objective" | "alpha" | "lambda">,
): Objective | undefined {
  const first = (value: number | Schedule | undefined) => typeof value === "object" ? value.from : value;
  return objective && withMixture(objective, { alpha: first(alpha), lambda: first(lambda) });
}

/** Refuses objectives that need whole distributions where the teacher names the best tokens alone. */
function checkSparse({ teacher, objective }: TrainerOptions): void {
  if (!teacher || !objective || !("topK" in teacher) || teacher.topK === undefined) return;
  const { name, topK, vocabularySize } = teacher;
  if (!(Number.isInteger(topK) && topK >= 1 && topK <= vocabularySize)) {
    throw new RangeError(
      `Cannot train: the topK of the teacher "${name}" must be a whole number from 1 to ${vocabularySize}, current value ` +
        `is ${topK}`,
    );
  }
  if (objective.comparesDistributions) return;
  throw new TypeError(
    `Cannot train: the teacher "${name}" names ${topK} tokens and the mass of the rest, and the objective ` +
      `${objective.name} may look up others by their ids; one that only compares distributions, whatever they are over, ` +
      "says so by comparesDistributions: true",
  );
}

function checkObjective({ student, objective, reference, alpha, lambda }: TrainerOptions): void {
  if (!objective && (alpha !== undefined || lambda !== undefined)) {
    throw new TypeError("Cannot train: alpha and lambda set the mixture of an objective, none is given");
  }
  firstObjective({ objective, alpha, lambda });
  if (objective?.needs?.reference && !reference) {
    throw new TypeError(`Cannot train: the objective ${objective.name} needs a reference, none is given`);
  }
  if (reference && !objective?.needs?.reference) {
    throw new TypeError("Cannot train: a reference is for an objective that needs one, this one does not");
  }
  if (typeof reference === "object" && "topK" in reference && reference.topK !== undefined) {
    throw new TypeError(
      `Cannot train: a reference must give whole distributions, "${reference.name}" names ${reference.topK} tokens`,
    );
  }
  if (reference === student) {
    throw new TypeError("Cannot train: the reference must be another model than the student, which changes");
  }
}

/** The kinds of what must be there, and that nothing that is there would be left unused. */
function checkKinds(options: TrainerOptions): void {
  checkArguments("train", { options: [options, objectWith("student", "totalSteps", "optimizer")] });
  const { student, teacher, reference, objective, totalSteps, optimizer, distillWeight } = options;
  if (typeof objective === "function") {
    throw new TypeError(
      "Cannot train: objective must be an objective, as objective() makes it, current value is a function; alpha and " +
        "lambda, or their schedules, set the mixture of an objective that is made",
    );
  }
  checkArguments("train", {
    student: [student, aModel],
    teacher: [teacher, optional(aTeacher)],
    objective: [objective, optional(anObjective)],
    reference: [reference, optional(aTeacher)],
    totalSteps: [totalSteps, aNumber],
    optimizer: [optimizer, objectWith("learningRate")],
  });
  checkArguments("train", { "optimizer.learningRate": [optimizer.learningRate, aNumber] });
  if (objective !== undefined && teacher === undefined && distillWeight === undefined) {
    throw new TypeError("Cannot train: the objective asks for a teacher, none is given");
  }
}

const ends = (value: number | Schedule): number[] =>
  typeof value === "number" ? [value] : [value.from, value.to ?? value.from];

function checkEnds(
  name: string,
  value: number | Schedule,
  { inRange, range }: { inRange: (value: number) => boolean; range: string },
): void {
  const culprit = ends(value).find((end) => !inRange(end));
  if (culprit === undefined) return;
  throw new RangeError(`Cannot train: ${name} must be ${range}, current value is ${culprit}`);
}

/**
 * Checks that a student can be compared with a teacher, or with a reference.
 *
 * @param student The student.
 * @param teacher The other model.
 * @param name What the message calls it.
 * @throws {RangeError} If their vocabularies are not of one size; the message gives both.
 */
export function checkVocabularies(
  student: Pick<LanguageModel, "vocabularySize">,
  teacher: Pick<Teacher, "vocabularySize">,
  name = "teacher",
): void {
  const [ours, theirs] = [student.vocabularySize, teacher.vocabularySize];
  if (ours !== theirs) {
    throw new RangeError(
      `Cannot train: vocabularies must be of one size, the student's is ${ours}, the ${name}'s ${theirs}; ` +
        "where heads are padded, limitVocabulary() cuts them",
    );
  }
}
