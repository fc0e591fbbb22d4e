/**
 * A run that is saved, and continued by another trainer.
 *
 * @module
 */
import { Trainer } from "../../../lib/training/step/trainer.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { readTrainer, writeTrainer } from "../../../lib/training/run/trainer_files.ts";
import { type Check, largestError, notOk, ok, type Place, precisionsOf } from "../check.ts";
import { start } from "../engine.ts";
import { withFolder } from "../golden.ts";
import { smallModel, smallRows } from "../small.ts";
import type { Precision } from "../../../lib/engines/mod.ts";

const STEPS = 4;

function trainerOf(seed: number): Trainer {
  return new Trainer({
    student: smallModel(seed),
    teacher: smallModel(9),
    totalSteps: 2 * STEPS,
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    optimizer: { learningRate: 3e-3, weightDecay: 0.01, clipNorm: 1 },
    schedule: { name: "cosine" },
  });
}

async function steps(trainer: Trainer, from: number): Promise<number[]> {
  const found: number[] = [];
  for (let step = from; step < from + STEPS; step++) {
    const { loss, gradNorm } = await trainer.step(smallRows(step));
    found.push(loss, gradNorm);
  }
  return found;
}

async function resumed(place: Place, precision: Precision) {
  await start(place, precision);
  return await withFolder({}, async (folder) => {
    const first = trainerOf(1);
    await steps(first, 0);
    await writeTrainer(folder, first);
    const went = await steps(first, STEPS);
    first.dispose();
    const second = trainerOf(2);
    await readTrainer(folder, second);
    const resumed = await steps(second, STEPS);
    second.dispose();
    const error = largestError(resumed, went);
    const figure = error === 0 ? "the same to the bit" : `largest difference ${error.toExponential(1)}`;
    // Sums of a device may be in another order each time.
    return error <= 1e-5 ? ok(figure, { values: { error } }) : notOk("at most 1e-5 is allowed", { figure });
  });
}

/** Resuming. */
export const resume: Check = {
  name: "resume",
  group: "Training",
  about: "a saved run that another trainer continues takes the same steps",
  seconds: 90,
  cases: (place) => precisionsOf(place).map((precision) => ({ name: precision, run: () => resumed(place, precision) })),
};
