/** The golden losses and reference runs where the engine stores and multiplies in bfloat16. */
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { dtypes } from "../../../lib/engines/torch/symbols.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { maskedMean, objective, type Order } from "../../../lib/objectives/mod.ts";
import { Trainer } from "../../../lib/training/trainer.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { testOnTorch, torchBackend } from "./support.ts";

function testInBfloat16(name: string, body: () => void | Promise<void>): void {
  testOnTorch(name, async () => {
    await useEngine("torch", { precision: "bfloat16" });
    try {
      await body();
    } finally {
      await useEngine("torch");
    }
  });
}

const read = (path: string) => JSON.parse(Deno.readTextFileSync(new URL(`../../golden/${path}`, import.meta.url)));

interface GoldenCase {
  kind: string;
  divergence?: "kl" | "ab";
  order?: Order;
  alpha?: number | string;
  lambda?: number;
  ab?: [number, number];
  loss: number;
  note?: string;
}

testInBfloat16("the golden losses of amid are within 2 % where logits are stored in bfloat16", () => {
  const golden = read("losses.json");
  const cases = (golden.cases as GoldenCase[]).filter(({ kind, note }) =>
    kind === "amid" && !note?.includes("without the teacher's entropy")
  );
  assert(cases.length > 150, `there are ${cases.length} cases`);
  const width = golden.shape[2];
  tf.tidy(() => {
    // A product with the identity is the logits as a head in bfloat16 would make them.
    const [student, teacher] = [golden.student, golden.teacher].map((values) =>
      tf.matMul(tf.tensor2d(values, [values.length / width, width]), tf.eye(width))
    );
    assertEquals(torchBackend().torch.dtype(torchBackend().handle(student)), dtypes.bfloat16);
    const mask = tf.tensor1d(golden.labels.map((label: number) => Number(label !== -100)));
    for (const one of cases) {
      const { divergence, order, alpha, lambda, ab, loss } = one;
      const parameters = { name: "alpha-beta", alpha: ab?.[0], beta: ab?.[1] } as const;
      const { perToken } = objective("amid", {
        divergence: divergence === "ab" ? parameters : "kl",
        ...{ order, alpha: Number(alpha), lambda },
      });
      const found = maskedMean(perToken({ student, teacher }), mask).dataSync()[0];
      assert(Math.abs(found - loss) <= 0.02 * Math.abs(loss), `${JSON.stringify(one)}: ${found}`);
    }
  });
});

interface ReferenceRun {
  kd_ratio: number;
  lr: number;
  divergence: "kl" | "ab";
  order: Order;
  alpha: number;
  lambda: number;
  log: { loss: number }[];
}

/** The file names the αβ-divergence without its parameters; these are those of the single losses. */
const alphaBeta = { name: "alpha-beta" as const, alpha: 0.2, beta: 0.7 };

const golden: { batches: { ids: number[]; prompt_length: number }[][]; runs: ReferenceRun[] } = read("run/golden.json");

for (const [index, run] of golden.runs.entries()) {
  testInBfloat16(`reference run ${index} ends within 3 % of its last loss in bfloat16`, async () => {
    const [student, teacher] = await Promise.all(
      ["student", "teacher"].map((name) =>
        loadModel(fileURLToPath(new URL(`../../golden/run/${name}`, import.meta.url)))
      ),
    );
    const { order, alpha, lambda, divergence, kd_ratio: distillWeight, lr: learningRate, log } = run;
    const trainer = new Trainer({
      ...{ student, teacher, distillWeight, totalSteps: log.length },
      objective: objective("amid", { divergence: divergence === "ab" ? alphaBeta : "kl", order, alpha, lambda }),
      optimizer: { learningRate, weightDecay: 0.01, clipNorm: 1 },
      schedule: { name: "cosine", minimum: 1e-7 },
    });
    let last = NaN;
    for (const batch of golden.batches.slice(0, log.length)) {
      const { loss } = await trainer.step(
        batch.map(({ ids, prompt_length }) => ({ ids, promptLength: prompt_length })),
      );
      last = loss;
    }
    const expected = log.at(-1)!.loss;
    assert(Math.abs(last - expected) <= 0.03 * Math.abs(expected), `${last} against ${expected}`);
    [trainer, student, teacher].forEach((part) => part.dispose());
  });
}
