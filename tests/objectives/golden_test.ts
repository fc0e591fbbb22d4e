import * as tf from "@tensorflow/tfjs-core";
import { maskedMean } from "../../lib/objectives/mod.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import {
  comparableCases,
  entropyLeftOut,
  goldenLosses as golden,
  goldenMask,
  objectiveOfCase,
} from "../support/golden_losses.ts";
import { assert } from "../support/mod.ts";

const student = tf.tensor3d(golden.student, golden.shape);
const teacher = tf.tensor3d(golden.teacher, golden.shape);
const mask = tf.tensor2d(goldenMask, [golden.shape[0], golden.shape[1]]);

const byKind = Map.groupBy(comparableCases, ({ kind, divergence }) => divergence ? `${kind} ${divergence}` : kind);
for (const [kind, cases] of byKind) {
  testOnEngines(`objective() equals the official loss and gradient of ${kind} (${cases.length} cases)`, () => {
    for (const one of cases) {
      const { perToken } = objectiveOfCase(one);
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
