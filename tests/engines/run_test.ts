/**
 * The reference runs, three of twenty-four steps with the official loop in PyTorch 2.11, on every engine but `cpu`, which
 * takes half a minute for them.
 */
import { fileURLToPath } from "node:url";
import { loadModel } from "../../lib/models/load_model.ts";
import { objective, type Order } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/trainer.ts";
import { assertAllClose } from "../support/mod.ts";
import { testOnEngines } from "./on_engines.ts";

interface ReferenceRun {
  kd_ratio: number;
  lr: number;
  divergence: "kl" | "ab";
  order: Order;
  alpha: number;
  lambda: number;
  log: { loss: number; lm: number; kd: number; grad_norm: number; lr: number }[];
  parameter_norms: Record<string, number>;
}

const file = new URL("../golden/run/golden.json", import.meta.url);
const golden: { batches: { ids: number[]; prompt_length: number }[][]; runs: ReferenceRun[] } = JSON.parse(
  Deno.readTextFileSync(file),
);

/** The file names the αβ-divergence without its parameters; these are those of the single losses. */
const alphaBeta = { name: "alpha-beta" as const, alpha: 0.2, beta: 0.7 };

for (const index of [0, 1, 2]) {
  testOnEngines(`reference run ${index}: loss and gradient norm of every step`, async () => {
    const run = golden.runs[index];
    const [student, teacher] = await Promise.all(
      ["student", "teacher"].map((name) => loadModel(fileURLToPath(new URL(name, file)))),
    );
    const { order, alpha, lambda } = run;
    const trainer = new Trainer({
      ...{ student, teacher, distillWeight: run.kd_ratio, totalSteps: run.log.length },
      objective: objective("amid", { divergence: run.divergence === "ab" ? alphaBeta : "kl", order, alpha, lambda }),
      optimizer: { learningRate: run.lr, weightDecay: 0.01, clipNorm: 1 },
      schedule: { name: "cosine", minimum: 1e-7 },
    });
    const tolerance = { atol: 1e-3, rtol: 1e-3 };
    for (const [step, expected] of run.log.entries()) {
      const rows = golden.batches[step].map(({ ids, prompt_length }) => ({ ids, promptLength: prompt_length }));
      const { loss, lmLoss, distillLoss, gradNorm } = await trainer.step(rows);
      assertAllClose([loss, lmLoss, distillLoss], [expected.loss, expected.lm, expected.kd], tolerance);
      assertAllClose([gradNorm], [expected.grad_norm], tolerance);
    }
    for (const [name, norm] of Object.entries(run.parameter_norms)) {
      const parameter = student.parameters.get(name) ?? student.parameters.get(name.replace(/^transformer\./, ""));
      assertAllClose([parameter!.norm().dataSync()[0]], [norm], { atol: 1e-3, rtol: 1e-3 });
    }
    [trainer, student, teacher].forEach((part) => part.dispose());
  }, { except: ["cpu"] });
}
