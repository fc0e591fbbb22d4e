/** The reference runs on every engine but `cpu`, which takes half a minute for them; `webgpu`, in software, takes one. */
import { assertAllClose } from "../support/mod.ts";
import { referenceRows, referenceRuns, referenceTrainer } from "../support/reference_runs.ts";
import { testOnEngines } from "./on_engines.ts";

for (const [index, run] of referenceRuns.entries()) {
  testOnEngines(`reference run ${index}: loss and gradient norm of every step`, async () => {
    const { trainer, student, dispose } = await referenceTrainer(run);
    const tolerance = { atol: 1e-3, rtol: 1e-3 };
    for (const [step, expected] of run.log.entries()) {
      const { loss, lmLoss, distillLoss, gradNorm } = await trainer.step(referenceRows(step));
      assertAllClose([loss, lmLoss, distillLoss], [expected.loss, expected.lm, expected.kd], tolerance);
      assertAllClose([gradNorm], [expected.grad_norm], tolerance);
    }
    for (const [name, norm] of Object.entries(run.parameter_norms)) {
      const parameter = student.parameters.get(name) ?? student.parameters.get(name.replace(/^transformer\./, ""));
      assertAllClose([parameter!.norm().dataSync()[0]], [norm], { atol: 1e-3, rtol: 1e-3 });
    }
    dispose();
  }, { except: index === 0 ? ["cpu"] : ["cpu", "webgpu"] });
}
