/**
 * The options of a trainer.
 *
 * @module
 */
import type { Schedule } from "../../assistants/schedules.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import type { Objective } from "../../objectives/objective.ts";
import type { RowShares } from "../../batches/row_shares.ts";
import type { OptimizerOptions } from "../optimizer/optimizer.ts";
import type { Teacher } from "../../teachers/teacher.ts";
import type { StepPhase } from "./step_gradients.ts";
import type { Every } from "../every.ts";
import type { LearningRateSchedule } from "../optimizer/learning_rate.ts";

/** Options for {@linkcode Trainer}. */
export interface TrainerOptions {
  /** The model that is trained. */
  student: LanguageModel;
  /**
   * The model or any other teacher that it is distilled from; needed unless `distillWeight` is 0. It is never changed.
   */
  teacher?: LanguageModel | Teacher;
  /** The distillation loss; needed unless `distillWeight` is 0. */
  objective?: Objective;
  /** A third model for objectives that need one; it is never changed. */
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
   * The temperature: the distillation loss divides both models' logits by it.
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
   * Weight of the next-token loss on a step's plain text, from 0.
   *
   * @default {0}
   */
  textWeight?: number | Schedule;
  /**
   * Weights of the student's auxiliary losses, by name: `{ balanceLoss: 0.01 }` for a mixture of experts. They are
   * means over all tokens of a step, however it is divided, and added to its loss.
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
  /** Decay, in `[0, 1)`, of a moving average of the weights; none is kept if it is absent. */
  averageDecay?: number;
  /**
   * Rows processed at once. A step's loss and gradient do not depend on it.
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
   * Whether the backward pass recomputes each of the student's blocks from the states before it instead of keeping
   * its activations: less memory, more computation, the same gradient.
   *
   * @default {false}
   */
  recompute?: boolean;
  /**
   * How often the gap between teacher, assistant and student is measured before a step, from the first step on. Steps
   * in which the distillation loss has no weight are not measured.
   *
   * @default {"never", in a run of distill() 10}
   */
  measureEvery?: Every;
  /**
   * Called for each part of a micro-batch and of the optimizer once its work is queued on the engine; for profiling.
   */
  onPhase?: (phase: StepPhase) => void;
  /**
   * The ranks that share the work of a step. Each is given all of a step's rows, processes its share, and reports the
   * means over the rows of all. They take the steps of a single process except for rounding and for the inputs that
   * adapters drop: each rank draws its own.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
  /**
   * Which of a step's rows this rank processes.
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
