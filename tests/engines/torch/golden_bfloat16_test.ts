/** The golden losses and reference runs where the engine stores and multiplies in bfloat16. */
import * as tf from "@tensorflow/tfjs-core";
import { dtypes } from "../../../lib/engines/torch/symbols.ts";
import { maskedMean } from "../../../lib/objectives/mod.ts";
import {
  comparableCases,
  entropyLeftOut,
  goldenLosses as golden,
  goldenMask,
  objectiveOfCase,
} from "../../support/golden_losses.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { referenceRows, referenceRuns, referenceTrainer } from "../../support/reference_runs.ts";
import { testInBfloat16, torchBackend } from "./support.ts";

testInBfloat16(
  `the golden losses are within 2 % where logits are stored in bfloat16 (${comparableCases.length} cases)`,
  () => {
    const width = golden.shape[2];
    tf.tidy(() => {
      // A product with the identity is the logits as a head in bfloat16 would make them.
      const [student, teacher] = [golden.student, golden.teacher].map((values) =>
        tf.matMul(tf.tensor2d(values, [values.length / width, width]), tf.eye(width))
      );
      assertEquals(torchBackend().torch.dtype(torchBackend().handle(student)), dtypes.bfloat16);
      const mask = tf.tensor1d(goldenMask);
      for (const one of comparableCases) {
        const { perToken } = objectiveOfCase(one);
        const found = maskedMean(perToken({ student, teacher }), mask).dataSync()[0] + entropyLeftOut(one);
        const label = JSON.stringify({ ...one, grad: undefined });
        assert(Math.abs(found - one.loss) <= 0.02 * Math.abs(one.loss), `${label}: ${found}`);
      }
    });
  },
);

for (const [index, run] of referenceRuns.entries()) {
  testInBfloat16(`reference run ${index} ends within 3 % of its last loss in bfloat16`, async () => {
    const { trainer, dispose } = await referenceTrainer(run);
    let last = NaN;
    for (const step of run.log.keys()) last = (await trainer.step(referenceRows(step))).loss;
    const expected = run.log.at(-1)!.loss;
    assert(Math.abs(last - expected) <= 0.03 * Math.abs(expected), `${last} against ${expected}`);
    dispose();
  });
}
