/**
 * A step's losses and gradients, one micro-batch at a time.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LanguageModel } from "../../models/language_model.ts";
import type { DropoutPass } from "../../models/projection_adapter.ts";
import { chunkedLoss, type ChunkedLossOptions } from "../../objectives/chunked_loss.ts";
import type { Objective } from "../../objectives/objective.ts";
import { TokenContext } from "../../objectives/token_context.ts";
import { Recorded } from "../../operations/recorded.ts";
import type { AuxiliaryTotal } from "./auxiliary_total.ts";
import type { StepBatch } from "./packed_batches.ts";
import { disposeParts, joinParts, type StepParts } from "./step_parts.ts";
import type { DenseTargets, TeacherBatch, TeacherTargets } from "../../teachers/teacher.ts";
import type { TargetQueue } from "../../teachers/target_queue.ts";

/** The parts of a step, in order; `loss` is heads and loss, with the gradients with respect to states and head. */
export type StepPhase = "teacher" | "forward" | "loss" | "backward" | "optimizer";

/** Options for {@linkcode stepGradients}. */
export interface StepGradientsOptions {
  /** The distillation loss; needed unless `distillWeight` is 0. */
  objective?: Objective;
  /** Where the teacher's targets come from; needed unless `distillWeight` is 0. */
  targets?: TargetQueue;
  /** Where the reference model's targets come from; needed if the objective requires one. */
  references?: TargetQueue;
  /**
   * The first micro-batch of the next step, where it is known: a teacher that works beside the student starts with it.
   */
  next?: StepBatch;
  /** Weight of the distillation loss; the next-token loss has the rest. */
  distillWeight: number;
  /** Tokens that sums are divided by. */
  totalTokens: number;
  /** Response tokens whose logits exist at once. */
  chunkSize?: number;
  /** Whether the student's blocks are recomputed for the gradient. */
  recompute?: boolean;
  /** The pass that decides which inputs adapters drop; they drop none if it is absent. */
  pass?: DropoutPass;
  /** The student's auxiliary losses, where it has some. */
  auxiliary?: AuxiliaryTotal;
  /** What else is summed over the kept tokens, see `chunkedLoss`. */
  measure?: ChunkedLossOptions["measure"];
  /** Called for each part of the step once its work is queued on the engine. */
  onPhase?: (phase: StepPhase) => void;
  /**
   * Takes ownership of each gradient as soon as it is complete, while the backward pass of the last micro-batch
   * continues; the rest are among the results.
   */
  onGradient?: (name: string, gradient: tf.Tensor) => void;
}

/**
 * Computes the losses of micro-batches and their gradient in each of the student's trainable parameters.
 *
 * @param student The model that is trained.
 * @param batches The micro-batches, at least one.
 * @param options Objective, targets, weights and sizes.
 * @returns Tensors that the caller frees.
 */
export async function stepGradients(
  student: LanguageModel,
  batches: readonly StepBatch[],
  options: StepGradientsOptions,
): Promise<StepParts> {
  const { pass, next } = options;
  const queues = [options.targets, options.references];
  let sum: StepParts | undefined;
  try {
    for (const [index, batch] of batches.entries()) {
      const last = index === batches.length - 1;
      // The teacher goes first, while nothing of the student is kept for the backward pass.
      const [taught, referred] = await taken(queues, batch, batches[index + 1] ?? next);
      options.onPhase?.("teacher");
      try {
        const found = await microBatch(student, batch, {
          ...options,
          taught,
          referred,
          pass: partOf(pass, index),
          onGradient: last ? addedTo(sum?.gradients, options.onGradient) : undefined,
        });
        sum = sum ? joinParts(sum, found) : found;
      } finally {
        taught?.dispose();
        referred?.dispose();
      }
    }
    return sum!;
  } catch (error) {
    if (sum) disposeParts(sum);
    throw error;
  }
}

/**
 * The pass of a micro-batch: its draws are its own and follow from its index, so that a resumed run drops the same
 * inputs.
 */
export const partOf = (pass: DropoutPass | undefined, index: number): DropoutPass | undefined =>
  pass && { ...pass, part: `${pass.part} ${index}` };

/** The queues' targets for a batch; the next batch is requested if it is known. */
async function taken(
  queues: readonly (TargetQueue | undefined)[],
  batch: TeacherBatch,
  ahead: TeacherBatch | undefined,
): Promise<(TeacherTargets | undefined)[]> {
  const targets: (TeacherTargets | undefined)[] = [];
  try {
    for (const queue of queues) {
      targets.push(await queue?.take(batch));
      if (ahead) queue?.ask(ahead);
    }
    return targets;
  } catch (error) {
    for (const one of targets) one?.dispose();
    throw error;
  }
}

/** One micro-batch's share of the step's losses and gradients. */
async function microBatch(
  student: LanguageModel,
  { rows, labels, student: { tokens, keep } }: StepBatch,
  options: StepGradientsOptions & { taught?: TeacherTargets; referred?: TeacherTargets },
): Promise<StepParts> {
  const { taught, referred, objective, distillWeight, totalTokens, chunkSize, measure } = options;
  const { recompute, onPhase, onGradient, pass, auxiliary } = options;
  const { trainable, headName } = student;
  const trainedHead = trainable.get(headName);
  const recorded = new Recorded(() => {
    const { states, sums } = student.statesAndSums(tokens, { keep, recompute, pass, losses: auxiliary?.losses ?? [] });
    return [states, ...sums];
  });
  const states = recorded.value as tf.Tensor2D;
  onPhase?.("forward");
  let beside: tf.Tensor[] = [];
  try {
    if (auxiliary) {
      if (!auxiliary.settled) await auxiliary.settle([recorded.beside]);
      beside = auxiliary.gradients();
    }
    const { statesGradient, headGradient, ...losses } = tf.tidy(() => {
      const inputs = { states, head: student.cutHead(), softCap: student.config.logitSoftCap, labels };
      // The trainer has refused references without logits.
      const reference = referred as DenseTargets | undefined;
      const others = { teacher: taught, reference, tokens: new TokenContext(rows) };
      return chunkedLoss({ ...inputs, ...others }, {
        objective,
        distillWeight,
        totalTokens,
        chunkSize,
        measure,
        headGradient: trainedHead !== undefined,
      });
    });
    // Their memory serves the backward pass.
    taught?.dispose();
    referred?.dispose();
    onPhase?.("loss");
    // The embedding's gradient is added to the head's in place, where they are one parameter.
    const sums = new Map(trainedHead && [[trainedHead.id, padded(headGradient!, trainedHead.shape[0])]]);
    const names = new Map([...trainable].map(([name, { id }]) => [id, name]));
    const found = recorded.gradients(statesGradient!, [...trainable.values()], {
      beside,
      sums,
      onGradient: onGradient && ((id, gradient) => {
        onGradient(names.get(id)!, gradient);
        names.delete(id);
        return true;
      }),
    });
    statesGradient!.dispose();
    onPhase?.("backward");
    // Parameters that the rows did not use, such as an expert that no token was routed to, have a gradient of 0.
    const gradients = new Map(
      [...names].map(([id, name]) => [name, found.get(id) ?? tf.zerosLike(trainable.get(name)!)]),
    );
    return { ...losses, gradients };
  } finally {
    recorded.dispose();
    tf.dispose([states, ...recorded.beside, ...beside]);
  }
}

/** Adds the gradients of earlier micro-batches, which are removed and freed, before passing gradients on. */
function addedTo(
  earlier: Map<string, tf.Tensor> | undefined,
  onGradient: StepGradientsOptions["onGradient"],
): StepGradientsOptions["onGradient"] {
  if (!earlier || !onGradient) return onGradient;
  return (name, gradient) => {
    const before = earlier.get(name)!;
    earlier.delete(name);
    onGradient(name, tf.add(before, gradient));
    tf.dispose([before, gradient]);
  };
}

/** The gradient of a head whose padding was cut off: the padding's is 0. Frees its argument. */
function padded(gradient: tf.Tensor2D, rows: number): tf.Tensor2D {
  const missing = rows - gradient.shape[0];
  if (missing === 0) return gradient;
  const whole: tf.Tensor2D = tf.pad(gradient, [[0, missing], [0, 0]]);
  gradient.dispose();
  return whole;
}
