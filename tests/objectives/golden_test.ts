import * as tf from "@tensorflow/tfjs-core";
import { assert } from "../support/mod.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { maskedMean, type Objective, objective, type Order } from "../../lib/objectives/mod.ts";

interface Case {
  kind: string;
  divergence?: "kl" | "ab";
  order?: Order;
  alpha?: number;
  lambda?: number;
  ab?: [number, number];
  loss: number;
  grad: number[];
  note?: string;
}

/** The file's kinds as ours. The adaptive case was called as AKL(teacher, student): its first weight is on KL(p‖q), as ours. */
const kinds: Record<string, (of: Case) => Objective> = {
  amid: ({ divergence, order, alpha, lambda, ab }) => {
    const parameters = ab && { name: "alpha-beta" as const, alpha: ab[0], beta: ab[1] };
    return objective("amid", { divergence: divergence === "ab" ? parameters : "kl", order, alpha, lambda });
  },
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

const golden = JSON.parse(Deno.readTextFileSync(new URL("../golden/losses.json", import.meta.url))) as {
  shape: [number, number, number];
  student: number[];
  teacher: number[];
  labels: number[];
  cases: Case[];
};
const student = tf.tensor3d(golden.student, golden.shape);
const teacher = tf.tensor3d(golden.teacher, golden.shape);
const mask = tf.tensor2d(golden.labels.map((label) => Number(label !== -100)), [golden.shape[0], golden.shape[1]]);

/** What some cases leave out: the mean of the teacher's entropy, weighted as its KL is. */
function entropyLeftOut({ kind, note, lambda }: Case): number {
  if (!note?.includes("without the teacher's entropy")) return 0;
  const p = tf.softmax(teacher);
  const ofTeacher = tf.neg(tf.sum(tf.mul(p, tf.log(p)), -1));
  if (kind !== "bdkd") return maskedMean(ofTeacher, mask).dataSync()[0] * (kind === "wsd" ? 1 - lambda! : 1);
  const q = tf.softmax(student);
  const ofStudent = tf.neg(tf.sum(tf.mul(q, tf.log(q)), -1));
  const weight = tf.add(1, tf.cast(tf.greater(ofTeacher, ofStudent), "float32"));
  return maskedMean(tf.mul(weight, ofTeacher), mask).dataSync()[0];
}

const byKind = Map.groupBy(golden.cases, ({ kind, divergence }) => divergence ? `${kind} ${divergence}` : kind);
for (const [kind, cases] of byKind) {
  if (kind === "alphanet") continue; // there taken over the batch, here per token
  testOnEngines(`objective() equals the official loss and gradient of ${kind} (${cases.length} cases)`, () => {
    for (const one of cases) {
      const { perToken } = kinds[one.kind](one);
      const loss = (student: tf.Tensor) => maskedMean(perToken({ student, teacher }), mask) as tf.Scalar;
      const { value, grad } = tf.tidy(() => tf.valueAndGrad(loss)(student));
      const label = JSON.stringify({ ...one, grad: undefined });
      near(value.dataSync()[0] + entropyLeftOut(one), one.loss, label);
      grad.dataSync().forEach((g, i) => near(g, one.grad[i], `gradient ${i} of ${label}`));
    }
  });
}

function near(actual: number, expected: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert(error <= 2e-5, `${what}: ${actual} against ${expected}`);
}
