/**
 * The reference runs: distillations of twenty-four steps as the official loop took them.
 *
 * @module
 */
import type { Precision } from "../../../lib/engines/mod.ts";
import { referenceRows, referenceRuns, referenceTrainer } from "../../../tests/support/reference_runs.ts";
import { type Case, type Check, largestError, type Place, precisionsOf, within } from "../check.ts";
import { start } from "../engine.ts";
import { referenceModels, withFolder } from "../golden.ts";

function caseOf(index: number, precision: Precision, place: Place): Case {
  const run = referenceRuns[index];
  return {
    name: `${run.divergence} ${run.order}, α ${run.alpha}, in ${precision}`,
    run: async () =>
      await withFolder(
        referenceModels.student,
        async (student) =>
          await withFolder(referenceModels.teacher, async (teacher) => {
            await start(place, precision);
            const { trainer, dispose } = await referenceTrainer(run, (name) => ({ student, teacher })[name]);
            const found: number[] = [];
            for (const step of run.log.keys()) {
              const { loss, lmLoss, distillLoss, gradNorm } = await trainer.step(referenceRows(step));
              found.push(loss, lmLoss, distillLoss, gradNorm);
            }
            dispose();
            const wanted = run.log.flatMap(({ loss, lm, kd, grad_norm }) => [loss, lm, kd, grad_norm]);
            if (precision === "float32") return within(largestError(found, wanted), 1e-3);
            const last = run.log.at(-1)!.loss;
            return within(Math.abs(found.at(-4)! - last) / Math.abs(last), 0.03);
          }),
      ),
  };
}

/** The reference runs. */
export const runs: Check = {
  name: "reference-runs",
  group: "Training",
  about: "24 steps have the losses and gradient norms of the official loop; in bfloat16 they end within 3 %",
  seconds: 150,
  skip: ({ engine }) => engine === "cpu" ? "they take minutes on the reference engine" : undefined,
  cases: (place) =>
    precisionsOf(place).flatMap((precision) => referenceRuns.map((_, index) => caseOf(index, precision, place))),
};
