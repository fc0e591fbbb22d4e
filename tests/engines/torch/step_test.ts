import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAllClose, assertEquals } from "../../support/mod.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { testOnTorch, torchBackend } from "./support.ts";
import { rows, tinyTrainer } from "./tiny_trainer.ts";

testOnTorch("torch takes the steps of a GPT-2 distillation as cpu does", async () => {
  const results = [];
  for (const engine of ["cpu", "torch"] as const) {
    await useEngine(engine);
    const { trainer, dispose } = tinyTrainer();
    const figures: number[] = [];
    for (let step = 0; step < 3; step++) {
      const { loss, lmLoss, distillLoss, gradNorm } = await trainer.step(rows);
      figures.push(loss, lmLoss, distillLoss, gradNorm);
    }
    const weights = [...trainer.student.parameters].map(([, variable]) => Array.from(variable.dataSync()));
    results.push({ figures, weights });
    dispose();
  }
  const [expected, actual] = results;
  assertAllClose(actual.figures, expected.figures, { atol: 1e-5, rtol: 2e-5 });
  // Where a gradient is all but zero, AdamW moves a weight by the learning rate all the same, whatever its rounding:
  // weights agree on average to a thousandth of what three steps of 1e-3 move them.
  const differences = actual.weights.flatMap((weights, i) =>
    weights.map((weight, j) => weight - expected.weights[i][j])
  );
  const meanSquare = differences.reduce((sum, difference) => sum + difference ** 2, 0) / differences.length;
  assert(Math.sqrt(meanSquare) < 3e-6, `root mean square difference ${Math.sqrt(meanSquare)}`);
});

testOnTorch("torch keeps no tensor and no handle from one step of a distillation to the next", async () => {
  const { trainer, dispose } = tinyTrainer();
  await trainer.step(rows);
  await trainer.step(rows);
  const { torch } = torchBackend();
  const [handles, { numTensors }] = [torch.handles, tf.memory()];
  for (let step = 0; step < 5; step++) assert((await trainer.step(rows)).loss > 0);
  assertEquals([torch.handles, tf.memory().numTensors], [handles, numTensors]);
  dispose();
});
