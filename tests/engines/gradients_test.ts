/** The whole step of a GPT-2 against autodiff of the textbook's formulas on the reference engine. */
import { useEngine } from "../../lib/engines/mod.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { firstGradients } from "../support/first_gradients.ts";
import { assert } from "../support/mod.ts";
import { mixtureLoss, textbookStep } from "../support/textbook_step.ts";
import { tinyModel, tinyRows } from "../support/tiny_model.ts";
import { testOnEngines } from "./on_engines.ts";

const mixture = { alpha: 0, lambda: 0.3 };
const rows = tinyRows(4, { seed: 3 });

testOnEngines("every gradient of a GPT-2 step is the textbook's autodiff on cpu, to 1e-5", async (engine) => {
  const models = () => ({ student: tinyModel(1), teacher: tinyModel(2, { n_layer: 1 }) });
  await useEngine("cpu");
  const ours = models();
  const textbook = textbookStep(ours, { rows, perToken: mixtureLoss(mixture), distillWeight: 0.7 });
  Object.values(ours).forEach((model) => model.dispose());
  await useEngine(engine);
  for (const chunkSize of [1, 7, 64]) {
    const pair = models();
    const trainer = new Trainer({
      ...pair,
      distillWeight: 0.7,
      chunkSize,
      totalSteps: 10,
      objective: objective("amid", { order: "pr", ...mixture }),
      optimizer: { learningRate: 1e-3, clipNorm: 0 },
    });
    await trainer.step(rows);
    for (const [name, gradient] of firstGradients(trainer)) {
      const expected = textbook.gradients.get(name)!;
      gradient.forEach((value, i) => {
        const error = Math.abs(value - expected[i]);
        assert(error <= 1e-5, `${name}, element ${i}: ${value} against ${expected[i]}`);
      });
    }
    trainer.dispose();
    Object.values(pair).forEach((model) => model.dispose());
  }
});
