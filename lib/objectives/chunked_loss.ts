/**
 * The head and the loss together, one chunk of tokens at a time, with the gradient in the same pass: no tensor of all
 * tokens times the vocabulary ever exists.
 *
 * Shapes: `N` kept tokens, `c` a chunk of them, `V` vocabulary, `H` hidden width of the student.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { SparseAnswer } from "../distributions/sparse_answer.ts";
import { addProduct, softCap } from "../operations/mod.ts";
import { logitsLoss } from "./logits_loss.ts";
import type { LogitPair, Objective } from "./objective.ts";
import type { TokenContext } from "./token_context.ts";

/**
 * Tokens per chunk by default. Processors multiply by a head no faster with more; with a hundred they are a
 * tenth slower.
 */
export const CHUNK_SIZE = 192;

/** Gives logits, float32 `[c, V]`, of `size` kept tokens from `start` on. */
interface GivesLogits {
  logits(start: number, size: number): tf.Tensor2D;
}

/** Gives a sparse answer of `size` kept tokens from `start` on. */
interface GivesAnswers {
  answer(start: number, size: number): SparseAnswer;
  /** Whether a token is inside a span that begins before it, so that no chunk begins there. */
  cutsSpan?(place: number): boolean;
}

/** The inputs of the loss. */
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
  /** Gives the teacher's logits or sparse answers; needed unless `distillWeight` is 0. */
  teacher?: GivesLogits | GivesAnswers;
  /** Gives the reference model's logits; needed if the objective requires a reference. */
  reference?: GivesLogits;
  /** Facts about the tokens, for objectives that use them. */
  tokens?: TokenContext;
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
   * Tokens per chunk.
   *
   * @default {192}
   */
  chunkSize?: number;
  /**
   * Whether gradients are needed.
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
  /** `∂ loss / ∂ states`, float32 `[N, H]`, where gradients are needed. */
  statesGradient?: tf.Tensor2D;
  /** `∂ loss / ∂ head`, float32 `[V, H]`, where gradients are needed. */
  headGradient?: tf.Tensor2D;
  /** The results of `measure`: sums over tokens divided by `totalTokens`, float32 `[M]`. */
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
  const { totalTokens = tokens, chunkSize = CHUNK_SIZE, gradient = true } = options;
  check(inputs, options);
  // Chunks of one size: a last one of a few tokens would take nearly as long as a full one.
  const size = Math.ceil(tokens / Math.ceil(tokens / chunkSize));
  return tf.tidy(() => {
    const chunks: ChunkedLoss[] = [];
    let headGradient: tf.Tensor2D | undefined;
    for (let start = 0, end = 0; start < tokens; start = end) {
      end = endOf(inputs.teacher, { start, end: Math.min(start + size, tokens) });
      const chunk = { start, size: end - start };
      const wanted = { ...options, totalTokens, gradient, before: headGradient };
      const part = tf.tidy(() => chunkLoss(inputs, chunk, wanted));
      headGradient = part.headGradient;
      chunks.push(part);
    }
    return { ...joined(chunks), headGradient };
  });
}

/** Where a chunk ends: not inside a span, before it where that leaves a token. */
function endOf(teacher: ChunkedLossInputs["teacher"], { start, end }: { start: number; end: number }): number {
  if (!teacher || !("answer" in teacher) || !teacher.cutsSpan) return end;
  let at = end;
  while (at > start && teacher.cutsSpan(at)) at--;
  if (at > start) return at;
  for (at = end; teacher.cutsSpan(at);) at++;
  return at;
}

/** Adds the chunks' sums, and concatenates the rows of their gradients. */
function joined(chunks: ChunkedLoss[]): ChunkedLoss {
  if (chunks.length === 1) return chunks[0];
  const all = <T extends tf.Tensor>(part: (chunk: ChunkedLoss) => T | undefined): T[] =>
    chunks.flatMap((chunk) => part(chunk) ?? []);
  const gradients = all(({ statesGradient }) => statesGradient), measures = all(({ measures }) => measures);
  return {
    lmLoss: tf.addN(all(({ lmLoss }) => lmLoss)),
    distillLoss: tf.addN(all(({ distillLoss }) => distillLoss)),
    statesGradient: gradients.length > 0 ? tf.concat(gradients, 0) : undefined,
    measures: measures.length > 0 ? tf.addN(measures) : undefined,
  };
}

/** The loss of one chunk; its share of the head's gradient is added to that of the chunks before. */
function chunkLoss(
  { states: all, head, softCap: cap, labels, teacher, reference, tokens }: ChunkedLossInputs,
  { start, size }: { start: number; size: number },
  options: ChunkedLossOptions & { totalTokens: number; gradient: boolean; before?: tf.Tensor2D },
): ChunkedLoss {
  const { distillWeight, headGradient = true, before, objective } = options;
  const states = tf.slice(all, [start, 0], [size, all.shape[1]]);
  const { gradient, ...losses } = logitsLoss({
    student: softCap(tf.matMul(states, head, false, true), cap) as tf.Tensor2D,
    teacher: distillWeight > 0 ? taught(teacher!, { start, size }) : undefined,
    reference: distillWeight > 0 && objective!.needs?.reference ? reference!.logits(start, size) : undefined,
    tokens: tokens?.slice(start, size),
    labels: labels.subarray(start, start + size),
  }, { ...options, softCap: cap });
  if (!gradient) return losses;
  const statesGradient: tf.Tensor2D = tf.matMul(gradient, head);
  if (!headGradient) return { ...losses, statesGradient };
  const share = [gradient, states] as const;
  return {
    ...losses,
    statesGradient,
    headGradient: before ? addProduct(before, share) : tf.matMul(...share, true, false),
  };
}

function taught(
  teacher: GivesLogits | GivesAnswers,
  { start, size }: { start: number; size: number },
): tf.Tensor2D | SparseAnswer {
  return "answer" in teacher ? teacher.answer(start, size) : teacher.logits(start, size);
}

function check(inputs: ChunkedLossInputs, { objective, distillWeight }: ChunkedLossOptions): void {
  const { labels, teacher, reference } = inputs;
  if (labels.length === 0) {
    throw new RangeError("Cannot compute the loss: at least one token to predict is needed, current count is 0");
  }
  if (!(distillWeight >= 0 && distillWeight <= 1)) {
    throw new RangeError(`Cannot compute the loss: distillWeight must be in 0..1, current value is ${distillWeight}`);
  }
  if (distillWeight > 0 && !(teacher && objective)) {
    const absent = teacher ? "an objective" : "a teacher";
    throw new TypeError(`Cannot compute the loss: distillWeight ${distillWeight} needs ${absent}, which is not given`);
  }
  if (distillWeight > 0 && objective?.needs?.reference && !reference) {
    throw new TypeError(
      `Cannot compute the loss: the objective ${objective.name} needs a reference, which is not given`,
    );
  }
}
