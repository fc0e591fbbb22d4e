/**
 * The golden losses: values and gradients of the official code.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { logitsLoss } from "../../../lib/objectives/logits_loss.ts";
import { maskedMean, objective } from "../../../lib/objectives/mod.ts";
import {
  amidSettings,
  comparableCases,
  entropyLeftOut,
  type GoldenCase,
  goldenLosses as golden,
  goldenMask,
  objectiveOfCase,
} from "../../../tests/support/golden_losses.ts";
import { type Case, type Check, largestError, type Place, within } from "../check.ts";
import { start } from "../engine.ts";

const byKind = Map.groupBy(
  comparableCases,
  ({ kind, divergence }) => divergence ? `${kind} ${divergence}` : kind,
);

const tensors = () => ({
  student: tf.tensor3d(golden.student, golden.shape),
  teacher: tf.tensor3d(golden.teacher, golden.shape),
  mask: tf.tensor2d(goldenMask, [golden.shape[0], golden.shape[1]]),
});

/** The loss of each kind as a user's code calls it, its gradient by autodiff. */
function ofKind([kind, cases]: [string, GoldenCase[]], place: Place): Case {
  return {
    name: `${kind}, ${cases.length} cases`,
    async run() {
      await start(place);
      const { student, teacher, mask } = tensors();
      const errors = cases.map((one) => {
        const { perToken } = objectiveOfCase(one);
        const loss = (x: tf.Tensor) => maskedMean(perToken({ student: x, teacher }), mask) as tf.Scalar;
        const { value, grad } = tf.tidy(() => tf.valueAndGrad(loss)(student));
        const found = [value.dataSync()[0] + entropyLeftOut(one), ...grad.dataSync()];
        tf.dispose([value, grad]);
        return largestError(found, [one.loss, ...one.grad]);
      });
      tf.dispose([student, teacher, mask]);
      return within(Math.max(...errors), 2e-5, { values: { cases: cases.length } });
    },
  };
}

const mixtures = golden.cases.filter(({ kind, note }) => kind === "amid" && !note?.includes("without"));

/** The loss as a step takes it: on rows of logits, value and gradient in one pass, by the engine's kernel if it has one. */
function inOnePass(cases: readonly GoldenCase[], place: Place): Case {
  return {
    name: `in one pass, as a step takes it, ${cases.length} cases`,
    async run() {
      await start(place);
      const [rows, vocabulary] = [golden.labels.length, golden.shape[2]];
      const kept = golden.labels.flatMap((label, row) => label === -100 ? [] : [row]);
      const rowsOf = (values: number[]) =>
        tf.tensor2d(kept.flatMap((row) => values.slice(row * vocabulary, (row + 1) * vocabulary)), [
          kept.length,
          vocabulary,
        ]);
      const labels = Int32Array.from(kept, (row) => golden.labels[row]);
      const errors = cases.map((one) => {
        const found = tf.tidy(() => {
          const given = { student: rowsOf(golden.student), teacher: rowsOf(golden.teacher), labels };
          const options = { distillWeight: 1, totalTokens: kept.length, gradient: true };
          const { distillLoss, gradient } = logitsLoss(given, {
            ...options,
            objective: objective("amid", amidSettings(one)),
          });
          return [distillLoss.dataSync()[0], ...gradient!.dataSync()] as unknown as tf.TensorContainer;
        }) as unknown as number[];
        const wanted = kept.flatMap((row) => one.grad.slice(row * vocabulary, (row + 1) * vocabulary));
        return largestError(found, [one.loss, ...wanted]);
      });
      return within(Math.max(...errors), 2e-5, { values: { cases: cases.length, rows } });
    },
  };
}

/** The golden losses. */
export const losses: Check = {
  name: "golden-losses",
  group: "Arithmetic",
  about: "losses and gradients are the official code's",
  seconds: 120,
  cases: (place) => [...[...byKind].map((kind) => ofKind(kind, place)), inOnePass(mixtures, place)],
  summary: (results) => `${comparableCases.length + mixtures.length} golden cases in ${results.length} parts`,
};
