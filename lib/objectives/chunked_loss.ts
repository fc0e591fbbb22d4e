/**
 * The head and the loss together, a chunk of tokens at a time, with the gradient in the same pass: no tensor of all
 * tokens times the vocabulary ever exists.
 *
 * Shapes: `N` kept tokens, `c` a chunk of them, `V` vocabulary, `H` hidden width of the student, `H′` of the teacher.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { amidLoss } from "../operations/amid_loss.ts";
import { crossEntropy, softCap, softCapGradient } from "../operations/mod.ts";
import type { LogitPair, Objective, ValueAndGradient } from "./objective.ts";

/** What the loss is computed from. */
export interface ChunkedLossInputs {
  /** The student's last states where a response token is predicted, float32 `[N, H]`. */
  states: tf.Tensor2D;
  /** The student's head, float32 `[V, H]`. */
  head: tf.Tensor2D;
  /**
   * What the student's logits are capped by: `softCap · tanh(logit / softCap)`.
   *
   * @default {no cap}
   */
  softCap?: number;
  /** The tokens to be predicted, `[N]`. */
  labels: Int32Array;
  /** The teacher's states `[N, H′]`, head `[V, H′]` and cap; needed unless `distillWeight` is 0. */
  teacher?: { states: tf.Tensor2D; head: tf.Tensor2D; softCap?: number };
}

/** Options for {@linkcode chunkedLoss}. */
export interface ChunkedLossOptions {
  /** The distillation loss; needed unless `distillWeight` is 0. */
  objective?: Objective;
  /** Weight of the distillation loss, 0 to 1; the next-token loss has the rest. */
  distillWeight: number;
  /**
   * What sums over tokens are divided by: the kept tokens of the whole step, of which `N` may be a part.
   *
   * @default {N}
   */
  totalTokens?: number;
  /**
   * Tokens a chunk.
   *
   * @default {128}
   */
  chunkSize?: number;
  /**
   * Whether gradients are wanted.
   *
   * @default {true}
   */
  gradient?: boolean;
  /**
   * Whether the head's gradient is among them; a head that is not trained needs none.
   *
   * @default {true}
   */
  headGradient?: boolean;
  /**
   * What else is summed over the tokens of a chunk, as float32 `[M]`; needs a `distillWeight` above 0.
   *
   * @default {nothing}
   */
  measure?: (logits: LogitPair) => tf.Tensor1D;
}

/** The loss's parts. The caller frees the tensors. */
export type ChunkedLoss = {
  /** Next-token loss: the sum over tokens of `−log q(label)`, divided by `totalTokens`; a scalar in nats. */
  lmLoss: tf.Scalar;
  /** The objective's sum over tokens, divided by `totalTokens`; a scalar in nats, 0 where `distillWeight` is 0. */
  distillLoss: tf.Scalar;
  /** `∂ loss / ∂ states`, float32 `[N, H]`, where gradients are wanted. */
  statesGradient?: tf.Tensor2D;
  /** `∂ loss / ∂ head`, float32 `[V, H]`, where gradients are wanted. */
  headGradient?: tf.Tensor2D;
  /** What `measure` came to: sums over tokens divided by `totalTokens`, float32 `[M]`. */
  measures?: tf.Tensor1D;
};

/**
 * Computes `loss = (1 − w) · lmLoss + w · distillLoss` and its gradient with respect to states and head.
 *
 * Nothing here is recorded on a tape, and the result holds no reference to one: the gradients are results.
 *
 * @throws {RangeError} If the weight is outside 0..1, or there is no token.
 * @throws {TypeError} If the weight asks for a teacher or an objective that is not given.
 */
export function chunkedLoss(inputs: ChunkedLossInputs, options: ChunkedLossOptions): ChunkedLoss {
  const tokens = inputs.labels.length;
  const { totalTokens = tokens, chunkSize = 128, gradient = true } = options;
  check(inputs, options);
  return tf.tidy(() => {
    let sum: ChunkedLoss | undefined;
    for (let start = 0; start < tokens; start += chunkSize) {
      const size = Math.min(chunkSize, tokens - start);
      const part = tf.tidy(() => chunkLoss(chunkOf(inputs, start, size), { ...options, totalTokens, gradient }));
      sum = sum ? join(sum, part) : part;
    }
    return sum!;
  });
}

function chunkOf(inputs: ChunkedLossInputs, start: number, size: number): ChunkedLossInputs {
  const { states, labels, teacher } = inputs;
  const rows = (x: tf.Tensor2D) => tf.slice(x, [start, 0], [size, x.shape[1]]);
  return {
    ...inputs,
    states: rows(states),
    labels: labels.slice(start, start + size),
    teacher: teacher && { ...teacher, states: rows(teacher.states) },
  };
}

/** Adds the sums of two chunks, puts the rows of their gradients behind one another, and frees both. */
function join(a: ChunkedLoss, b: ChunkedLoss): ChunkedLoss {
  const joined: ChunkedLoss = {
    lmLoss: tf.add(a.lmLoss, b.lmLoss),
    distillLoss: tf.add(a.distillLoss, b.distillLoss),
    statesGradient: a.statesGradient && tf.concat([a.statesGradient, b.statesGradient!], 0),
    headGradient: a.headGradient && tf.add(a.headGradient, b.headGradient!),
    measures: a.measures && tf.add(a.measures, b.measures!),
  };
  tf.dispose([a, b]);
  return joined;
}

function chunkLoss(
  { states, head, softCap: cap, labels, teacher }: ChunkedLossInputs,
  { objective, distillWeight, totalTokens, gradient, headGradient = true, measure }: ChunkedLossOptions,
): ChunkedLoss {
  const [distillScale, nextTokenScale] = [distillWeight / totalTokens!, (1 - distillWeight) / totalTokens!];
  const logits = logitsOf({ states, head, softCap: cap });
  const pair = distillWeight > 0 ? { student: logits, teacher: logitsOf(teacher!) } : undefined;
  const measures = pair && measure && tf.div(measure(pair), totalTokens!) as tf.Tensor1D;

  const specification = gradient ? objective?.specification : undefined;
  // The kernel overwrites the student's logits, which the gradient of a cap is computed from.
  const fused = pair && specification && !cap &&
    amidLoss({ ...pair, labels }, specification, { divergenceScale: distillScale, nextTokenScale });
  if (fused) {
    const lmLoss: tf.Scalar = tf.div(tf.sum(fused.nextToken), totalTokens!);
    const distillLoss: tf.Scalar = tf.div(tf.sum(fused.values), totalTokens!);
    return { lmLoss, distillLoss, measures, ...gradientsBehind(fused.gradient, { states, head, headGradient }) };
  }

  const wanted = gradient && distillWeight < 1;
  const nextToken = crossEntropy(logits, labels, { gradient: wanted, scale: nextTokenScale });
  const lmLoss: tf.Scalar = tf.div(tf.sum(nextToken.values), totalTokens!);
  let distillLoss = tf.scalar(0);
  const gradients: tf.Tensor[] = [];
  if (pair) {
    const distilled: Partial<ValueAndGradient> = gradient ? valueAndGradient(objective!, pair) : {};
    distillLoss = tf.div(tf.sum(distilled.values ?? objective!.perToken(pair)), totalTokens!) as tf.Scalar;
    if (distilled.gradient) gradients.push(tf.mul(distilled.gradient, distillScale));
  }
  if (!gradient) return { lmLoss, distillLoss, measures };
  if (nextToken.gradient) gradients.push(nextToken.gradient);
  const cappedGradient = gradients.length === 1 ? gradients[0] : tf.addN(gradients);
  const logitsGradient = softCapGradient(cappedGradient, logits, cap) as tf.Tensor2D;
  return { lmLoss, distillLoss, measures, ...gradientsBehind(logitsGradient, { states, head, headGradient }) };
}

function logitsOf({ states, head, softCap: cap }: Required<ChunkedLossInputs>["teacher"]): tf.Tensor2D {
  return softCap(tf.matMul(states, head, false, true), cap) as tf.Tensor2D;
}

/** The gradients in states and, where it is wanted, head, from the one in the logits. */
function gradientsBehind(
  logitsGradient: tf.Tensor2D,
  { states, head, headGradient }: Pick<ChunkedLossInputs, "states" | "head"> & { headGradient: boolean },
): Pick<ChunkedLoss, "statesGradient" | "headGradient"> {
  return {
    statesGradient: tf.matMul(logitsGradient, head),
    headGradient: headGradient ? tf.matMul(logitsGradient, states, true, false) : undefined,
  };
}

/** The objective's own closed form where it has one, autodiff within the chunk otherwise. */
function valueAndGradient(objective: Objective, { student, teacher }: LogitPair): ValueAndGradient {
  if (objective.valueAndGradient) return objective.valueAndGradient({ student, teacher });
  let values: tf.Tensor | undefined;
  const gradient = tf.grad((student) => {
    values = tf.keep(objective.perToken({ student, teacher }));
    return tf.sum(values);
  })(student);
  return { values: untracked(values!), gradient };
}

/** Hands a kept tensor over to the running tidy, which then frees it. */
function untracked(kept: tf.Tensor): tf.Tensor {
  const copy = tf.clone(kept);
  kept.dispose();
  return copy;
}

function check({ labels, teacher }: ChunkedLossInputs, { objective, distillWeight }: ChunkedLossOptions): void {
  if (labels.length === 0) throw new RangeError("Cannot compute the loss: there must be a token to predict, got none");
  if (!(distillWeight >= 0 && distillWeight <= 1)) {
    throw new RangeError(`Cannot compute the loss: distillWeight must be in 0..1, current value is ${distillWeight}`);
  }
  if (distillWeight > 0 && !(teacher && objective)) {
    const absent = teacher ? "an objective" : "a teacher";
    throw new TypeError(`Cannot compute the loss: distillWeight ${distillWeight} asks for ${absent}, none is given`);
  }
}
