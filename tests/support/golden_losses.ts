/** The official losses with their gradients, `tests/golden/losses.json`, and what they are here. */
import * as tf from "@tensorflow/tfjs-core";
import losses from "../golden/losses.json" with { type: "json" };
import { maskedMean, type Objective, objective, type Order } from "../../lib/objectives/mod.ts";

/** A loss and its gradient in the student's logits. */
export interface GoldenCase {
  kind: string;
  divergence?: "kl" | "ab";
  order?: Order;
  alpha?: number | string;
  lambda?: number;
  ab?: [number, number];
  loss: number;
  grad: number[];
  note?: string;
}

/** The file. */
export const goldenLosses = losses as unknown as {
  shape: [number, number, number];
  student: number[];
  teacher: number[];
  /** −100 where a token does not count. */
  labels: number[];
  cases: GoldenCase[];
};

/** What a token counts, `[B, T]` flattened. */
export const goldenMask = goldenLosses.labels.map((label) => Number(label !== -100));

/** Divergence, order and assistant of a case of the α-mixture. */
export function amidSettings({ divergence, order, alpha, lambda, ab }: GoldenCase) {
  const parameters = ab && { name: "alpha-beta" as const, alpha: ab[0], beta: ab[1] };
  return {
    divergence: divergence === "ab" ? parameters : "kl" as const,
    order,
    lambda,
    alpha: alpha === undefined ? undefined : Number(alpha),
  };
}

/** The file's kinds as ours. The adaptive case was called as AKL(teacher, student): its first weight is on KL(p‖q), as ours. */
const kinds: Record<string, (of: GoldenCase) => Objective> = {
  amid: (one) => objective("amid", amidSettings(one)),
  // There λ is the weight of the student.
  jsd: ({ lambda }) => objective("jensen-shannon", { beta: 1 - lambda! }),
  skewed_forward_kl: ({ lambda }) => objective("skewed-forward-kl", { skew: lambda }),
  skewed_reverse_kl: ({ lambda }) => objective("skewed-reverse-kl", { skew: lambda }),
  wsd: ({ lambda }) => objective("wsd", { weight: lambda }),
  forward_kl: () => objective("forward-kl"),
  reverse_kl: () => objective("reverse-kl"),
  total_variation: () => objective("total-variation"),
  adaptive_kl: () => objective("adaptive-kl", { mu: 0.5 }),
  bdkd: () => objective("balanced"),
  ab: ({ ab }) => objective("alpha-beta", { alpha: ab![0], beta: ab![1] }),
};

/** The cases that have an equal here; AlphaNet's is taken over the batch there, per token here. */
export const comparableCases = goldenLosses.cases.filter(({ kind }) => kind !== "alphanet");

/** The objective of a case. */
export function objectiveOfCase(one: GoldenCase): Objective {
  return kinds[one.kind](one);
}

/** What some cases leave out: the mean of the teacher's entropy, weighted as its KL is. */
export function entropyLeftOut({ kind, note, lambda }: GoldenCase): number {
  if (!note?.includes("without the teacher's entropy")) return 0;
  return tf.tidy(() => {
    const { shape, teacher, student } = goldenLosses;
    const mask = tf.tensor2d(goldenMask, [shape[0], shape[1]]);
    const entropy = (logits: number[]) => {
      const probabilities = tf.softmax(tf.tensor3d(logits, shape));
      return tf.neg(tf.sum(tf.mul(probabilities, tf.log(probabilities)), -1));
    };
    const ofTeacher = entropy(teacher);
    if (kind !== "bdkd") return maskedMean(ofTeacher, mask).dataSync()[0] * (kind === "wsd" ? 1 - lambda! : 1);
    const weight = tf.add(1, tf.cast(tf.greater(ofTeacher, entropy(student)), "float32"));
    return maskedMean(tf.mul(weight, ofTeacher), mask).dataSync()[0];
  });
}
