/**
 * The training step as a textbook has it: rows padded to one length, the logits of all positions, each loss by its
 * definition, the mean by a mask, the gradient by autodiff. The trainer packs rows, cuts head and loss into chunks and
 * takes gradients in closed form; tests compare it with this.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../lib/batches/row.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";

/** A number for each token of a row, by its place in the row. */
export type OfToken = (row: Row, place: number) => number;

/** The loss of each token, `[rows, length]`, from the models' logits, `[rows, length, vocabulary]`. */
export type TokenLoss<Name extends string> = (
  logits: Readonly<Record<Name | "student", tf.Tensor>>,
  /** Lays numbers of tokens out as the logits that predict them. */
  laidOut: (of: OfToken) => tf.Tensor,
) => tf.Tensor;

/** Options for {@linkcode textbookStep}. */
export interface TextbookOptions<Name extends string> {
  /** The rows of the step. */
  rows: readonly Row[];
  /** The loss beside that of the next token. */
  perToken: TokenLoss<Name>;
  /**
   * The share of that loss; the next token's has the rest.
   * @default 1
   */
  distillWeight?: number;
  /**
   * The token that fills rows up, and how many more of them than the longest row needs.
   * @default { token: 0, extra: 0 }
   */
  padding?: { token: number; extra: number };
}

/** A step's loss and its gradient in every parameter of the student. */
export interface StepGradients {
  loss: number;
  gradients: Map<string, number[]>;
}

/** The step's loss and gradients. */
export function textbookStep<Name extends string>(
  models: Readonly<Record<Name | "student", LanguageModel>>,
  { rows, perToken, distillWeight = 1, padding }: TextbookOptions<Name>,
): StepGradients {
  const parameters = [...models.student.parameters];
  const nextToken: TokenLoss<Name> = ({ student }, laidOut) => {
    const labels = tf.oneHot(tf.cast(laidOut(({ ids }, place) => ids[place]), "int32"), student.shape[2]!);
    return tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(student)), -1));
  };
  const mixed: TokenLoss<Name> = (...given) =>
    tf.add(tf.mul(1 - distillWeight, nextToken(...given)), tf.mul(distillWeight, perToken(...given)));
  const { value, grads } = tf.variableGrads(
    () => textbookMean(models, { rows, perToken: mixed, padding }),
    parameters.map(([, variable]) => variable),
  );
  const gradients = new Map(
    parameters.map((
      [name, variable],
    ) => [name, [...grads[variable.name]?.dataSync() ?? new Float32Array(variable.size)]]),
  );
  const loss = value.dataSync()[0];
  tf.dispose([value, grads]);
  return { loss, gradients };
}

/** The mean of something over the response tokens of all rows, a scalar. */
export function textbookMean<Name extends string>(
  models: Readonly<Record<Name | "student", LanguageModel>>,
  { rows, perToken, padding: { token, extra } = { token: 0, extra: 0 } }: Omit<TextbookOptions<Name>, "distillWeight">,
): tf.Scalar {
  return tf.tidy(() => {
    const length = Math.max(...rows.map(({ ids }) => ids.length)) + extra;
    const inputIds = rows.map(({ ids }) => [...ids, ...Array<number>(length - ids.length).fill(token)]);
    const laidOut = (of: OfToken) =>
      tf.tensor2d(rows.map((row) =>
        Array.from({ length }, (_, at) => {
          const place = at + 1;
          return place >= row.promptLength && place < row.ids.length ? of(row, place) : 0;
        })
      ));
    const logits = Object.fromEntries(
      Object.entries<LanguageModel>(models).map(([name, model]) => [name, model.logits({ inputIds })]),
    ) as Record<Name | "student", tf.Tensor>;
    const mask = laidOut(() => 1);
    return tf.div(tf.sum(tf.mul(perToken(logits, laidOut), mask)), tf.sum(mask)) as tf.Scalar;
  });
}

/** `KL(p‖r)` with the α-mixture r as it is defined: powers and roots of probabilities, normalized. */
export const mixtureLoss =
  ({ alpha, lambda }: { alpha: number; lambda: number }) =>
  ({ student, teacher }: Readonly<Record<"student" | "teacher", tf.Tensor>>): tf.Tensor => {
    const [p, q] = [teacher, student].map((logits) => tf.softmax(logits));
    const exponent = (1 - alpha) / 2;
    const powers = tf.add(tf.mul(tf.pow(p, exponent), lambda), tf.mul(tf.pow(q, exponent), 1 - lambda));
    const mixed = tf.pow(powers, 1 / exponent);
    const r = tf.div(mixed, tf.sum(mixed, -1, true));
    return tf.sum(tf.mul(p, tf.sub(tf.log(p), tf.log(r))), -1);
  };
