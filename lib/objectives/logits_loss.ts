/**
 * The loss of some tokens from their logits, with the gradient in the student's.
 *
 * Shapes: `c` tokens, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { sliceAnswer, type SparseAnswer } from "../distributions/sparse_answer.ts";
import {
  amidLoss,
  coarseLogitsGradient,
  crossEntropy,
  hasKernel,
  replaceRows,
  softCapGradient,
} from "../operations/mod.ts";
import { coarsen, type Coarsened, withoutRest } from "./coarsen.ts";
import type { LogitPair, Objective, ValueAndGradient } from "./objective.ts";
import { sortedDistance } from "./sorted_distance.ts";
import type { TokenContext } from "./token_context.ts";

/** The logits of both models for the same tokens, and the tokens to predict. */
export interface LogitsLossInputs {
  /** float32 `[c, V]`. They must have no other use: the gradient may be left in their memory. */
  student: tf.Tensor2D;
  /** float32 `[c, V]`, or a sparse answer of `c` tokens; needed unless `distillWeight` is 0. */
  teacher?: tf.Tensor2D | SparseAnswer;
  /** The reference model's, float32 `[c, V]`; needed where the objective says so. */
  reference?: tf.Tensor2D;
  /** `[c]`. */
  labels: Int32Array;
  /** Facts about the tokens, for objectives that use them. */
  tokens?: TokenContext;
}

/** Options for {@linkcode logitsLoss}. */
export interface LogitsLossOptions {
  /** The distillation loss; needed unless `distillWeight` is 0. */
  objective?: Objective;
  /** Weight of the distillation loss, 0 to 1; the next-token loss has the rest. */
  distillWeight: number;
  /** What sums over tokens are divided by. */
  totalTokens: number;
  /** Whether the gradient is needed. */
  gradient: boolean;
  /** What the student's logits were capped by. */
  softCap?: number;
  /** What else is summed over the tokens, as float32 `[M]`; needs a `distillWeight` above 0. */
  measure?: (logits: LogitPair) => tf.Tensor1D;
}

/** The loss's parts. The caller frees the tensors. */
export type LogitsLoss = {
  /** The next-token loss, a scalar in nats. */
  lmLoss: tf.Scalar;
  /** The objective, a scalar in nats; 0 where `distillWeight` is 0. */
  distillLoss: tf.Scalar;
  /** `∂ loss / ∂ student logits` before their cap, float32 `[c, V]`. */
  gradient?: tf.Tensor2D;
  /** The results of `measure`. */
  measures?: tf.Tensor1D;
};

/** Numbers in a tensor of which a processor's cache holds those that an objective works with. */
const CACHED_NUMBERS = 2 ** 18;

/** Computes `(1 − w) · lmLoss + w · distillLoss` of some tokens: sums over them, divided by `totalTokens`. */
export function logitsLoss(inputs: LogitsLossInputs, options: LogitsLossOptions): LogitsLoss {
  return tf.tidy(() => {
    const fused = inOneKernel(inputs, options);
    if (fused) return fused;
    const [tokens, vocabulary] = inputs.student.shape;
    const size = Math.max(1, Math.floor(CACHED_NUMBERS / vocabulary));
    // A device with a kernel for the loss has no cache that is worth the many small steps, and sparse answers have few
    // numbers beside those that their own kernels go through.
    const sparse = isSparse(inputs.teacher) ? inputs.teacher : undefined;
    const atOnce = hasKernel("AmidLoss") || (sparse && hasKernel("CoarseLogits")) || sparse?.spans !== undefined;
    if (tokens <= size || atOnce) return composed(inputs, options);
    const slices: LogitsLoss[] = [];
    let written: tf.Tensor2D | undefined;
    for (let start = 0; start < tokens; start += size) {
      const end = Math.min(start + size, tokens);
      const slice = tf.tidy(() => composed(sliceOf(inputs, start, end), options));
      slices.push(slice);
      if (!slice.gradient || !hasKernel("ReplaceRows")) continue;
      // No later slice looks at these logits.
      written = replaceRows(written ?? inputs.student, { rows: slice.gradient, start });
      slice.gradient.dispose();
      delete slice.gradient;
    }
    return { ...joined(slices), ...(written && { gradient: written }) };
  });
}

function sliceOf(inputs: LogitsLossInputs, start: number, end: number): LogitsLossInputs {
  const { student, teacher, reference, labels, tokens } = inputs;
  const rows = (x: tf.Tensor2D) => tf.slice(x, [start, 0], [end - start, x.shape[1]]);
  return {
    student: rows(student),
    teacher: isSparse(teacher) ? sliceAnswer(teacher, { start, size: end - start }) : teacher && rows(teacher),
    reference: reference && rows(reference),
    labels: labels.subarray(start, end),
    tokens: tokens?.slice(start, end - start),
  };
}

/** Adds the slices' sums, and concatenates the rows of their gradients. */
function joined(slices: LogitsLoss[]): LogitsLoss {
  const all = <T extends tf.Tensor>(part: (slice: LogitsLoss) => T | undefined): T[] =>
    slices.flatMap((slice) => part(slice) ?? []);
  const gradients = all(({ gradient }) => gradient), measures = all(({ measures }) => measures);
  return {
    lmLoss: tf.addN(all(({ lmLoss }) => lmLoss)),
    distillLoss: tf.addN(all(({ distillLoss }) => distillLoss)),
    gradient: gradients.length > 0 ? tf.concat(gradients, 0) : undefined,
    measures: measures.length > 0 ? tf.addN(measures) : undefined,
  };
}

/** The loss by the engine's own kernel, where it has one that knows the objective. */
function inOneKernel(
  { student, teacher, labels }: LogitsLossInputs,
  options: LogitsLossOptions,
): LogitsLoss | undefined {
  const { objective, distillWeight, totalTokens, gradient, softCap, measure } = options;
  const specification = distillWeight > 0 ? objective?.specification : undefined;
  // The kernel overwrites the student's logits, which the gradient of a cap is computed from.
  if (!specification || !gradient || softCap || isSparse(teacher) || !hasKernel("AmidLoss")) return undefined;
  const pair = { student, teacher: teacher! };
  const measures = measured(pair, { measure, totalTokens });
  const [divergenceScale, nextTokenScale] = [distillWeight / totalTokens, (1 - distillWeight) / totalTokens];
  const fused = amidLoss({ ...pair, labels }, specification, { divergenceScale, nextTokenScale });
  return fused && {
    lmLoss: mean(fused.nextToken, totalTokens),
    distillLoss: mean(fused.values, totalTokens),
    gradient: fused.gradient,
    measures,
  };
}

const isSparse = (teacher: LogitsLossInputs["teacher"]): teacher is SparseAnswer =>
  teacher !== undefined && "logProbs" in teacher;

function composed(inputs: LogitsLossInputs, options: LogitsLossOptions): LogitsLoss {
  const { student, teacher, reference, labels, tokens } = inputs;
  if (!isSparse(teacher)) return whole({ student, teacher, reference, tokens }, labels, options);
  // Both losses, the next token's too, and their gradients are those of the coarse logits.
  const { softCap, gradient: wanted, distillWeight, totalTokens } = options;
  const sorted = teacher.sorted && teacher.sorted.places.length > 0 && distillWeight > 0
    ? sortedDistance(student, teacher.sorted)
    : undefined;
  const coarse = coarsen({ student, labels, reference, tokens }, teacher, { overwrite: wanted && !softCap });
  const compared = teacher.excludesRest ? withoutRest(coarse.logits) : coarse.logits;
  const { gradient, ...losses } = whole(coarse.logits, coarse.labels, {
    ...options,
    softCap: undefined,
    compared,
    spans: coarse.spans,
  });
  if (sorted) losses.distillLoss = tf.add(losses.distillLoss, tf.div(sorted.sum, totalTokens));
  if (!gradient) return losses;
  const named = coarseLogitsGradient(gradient, coarse);
  const capped = sorted ? tf.add(named, tf.mul(sorted.gradient, distillWeight / totalTokens)) as tf.Tensor2D : named;
  return { ...losses, gradient: softCapGradient(capped, student, softCap) as tf.Tensor2D };
}

/** The loss of logits whose columns are both models'; the objective's of other ones where `compared` has them. */
function whole(
  pair: { student: tf.Tensor2D } & Partial<LogitPair>,
  labels: Int32Array,
  options: LogitsLossOptions & { compared?: LogitPair } & Pick<Coarsened, "spans">,
): LogitsLoss {
  const { student } = pair;
  const { objective, distillWeight, totalTokens, gradient, softCap, measure, compared = pair, spans } = options;
  const wanted = gradient && distillWeight < 1;
  const nextToken = crossEntropy(spans?.tokens ?? student, labels, {
    gradient: wanted,
    scale: (1 - distillWeight) / totalTokens,
  });
  const lmLoss = mean(nextToken.values, totalTokens);
  const gradients: tf.Tensor[] = nextToken.gradient ? [nextToken.gradient] : [];
  let distillLoss = tf.scalar(0);
  let measures: tf.Tensor1D | undefined;
  if (distillWeight > 0) {
    const logits = compared as LogitPair;
    measures = measured(spans ? comparedRows(logits, spans.isCompared) : logits, { measure, totalTokens });
    const distilled: Partial<ValueAndGradient> = gradient ? valueAndGradient(objective!, logits) : {};
    const values = distilled.values ?? objective!.perToken(logits);
    distillLoss = mean(spans ? tf.where(asMask(spans.isCompared), values, 0) : values, totalTokens);
    if (distilled.gradient) {
      const scaled = tf.mul(distilled.gradient, distillWeight / totalTokens);
      gradients.push(spans ? spans.back(scaled as tf.Tensor2D) : scaled);
    }
  }
  if (!gradient) return { lmLoss, distillLoss, measures };
  const capped = gradients.length === 1 ? gradients[0] : tf.addN(gradients);
  return { lmLoss, distillLoss, measures, gradient: softCapGradient(capped, student, softCap) as tf.Tensor2D };
}

const asMask = (rows: readonly boolean[]): tf.Tensor1D => tf.tensor1d(rows.map(Number), "bool");

/** Logits without the rows of which nothing is compared. */
function comparedRows({ student, teacher, largestOfRest }: LogitPair, isCompared: readonly boolean[]): LogitPair {
  const rows = tf.tensor1d(isCompared.flatMap((is, row) => is ? [row] : []), "int32");
  const of = <T extends tf.Tensor | undefined>(x: T) => x && tf.gather(x, rows);
  return { student: of(student), teacher: of(teacher), largestOfRest: of(largestOfRest) } as LogitPair;
}

const mean = (values: tf.Tensor, totalTokens: number): tf.Scalar => tf.div(tf.sum(values), totalTokens);

function measured(
  pair: LogitPair,
  { measure, totalTokens }: Pick<LogitsLossOptions, "measure" | "totalTokens">,
): tf.Tensor1D | undefined {
  return measure && tf.div(measure(pair), totalTokens) as tf.Tensor1D;
}

/** The objective's own closed form where it has one, autodiff within the tokens otherwise. */
function valueAndGradient(objective: Objective, logits: LogitPair): ValueAndGradient {
  if (objective.valueAndGradient) return objective.valueAndGradient(logits);
  let values: tf.Tensor | undefined;
  const gradient = tf.grad((student) => {
    values = tf.keep(objective.perToken({ ...logits, student }));
    return tf.sum(values);
  })(logits.student);
  return { values: untracked(values!), gradient };
}

/** Hands a kept tensor over to the running tidy, which then frees it. */
function untracked(kept: tf.Tensor): tf.Tensor {
  const copy = tf.clone(kept);
  kept.dispose();
  return copy;
}
