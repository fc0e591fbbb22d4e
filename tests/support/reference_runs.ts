/** Three distillations of twenty-four steps as the official loop in PyTorch 2.11 did them, `tests/golden/run`. */
import numbers from "../golden/run/golden.json" with { type: "json" };
import { fileURLToPath } from "node:url";
import type { Row } from "../../lib/batches/row.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { objective, type Order } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";

/** A run and its log. */
export interface ReferenceRun {
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
const golden = numbers as { batches: { ids: number[]; prompt_length: number }[][]; runs: ReferenceRun[] };

/** The file names the αβ-divergence without its parameters; these are those of the single losses. */
const alphaBeta = { name: "alpha-beta" as const, alpha: 0.2, beta: 0.7 };

/** The runs. */
export const referenceRuns = golden.runs;

/** The rows of a step, the same in each run. */
export function referenceRows(step: number): Row[] {
  return golden.batches[step].map(({ ids, prompt_length }) => ({ ids, promptLength: prompt_length }));
}

/** A trainer for a run, on the engine in use; `folderOf` says where both models are. */
export async function referenceTrainer(
  run: ReferenceRun,
  folderOf = (name: "student" | "teacher") => fileURLToPath(new URL(name, file)),
): Promise<{ trainer: Trainer; student: LanguageModel; dispose: () => void }> {
  const [student, teacher] = await Promise.all(
    (["student", "teacher"] as const).map((name) => loadModel(folderOf(name))),
  );
  const { order, alpha, lambda, divergence, kd_ratio: distillWeight, lr: learningRate, log } = run;
  const trainer = new Trainer({
    student,
    teacher,
    distillWeight,
    totalSteps: log.length,
    objective: objective("amid", { divergence: divergence === "ab" ? alphaBeta : "kl", order, alpha, lambda }),
    optimizer: { learningRate, weightDecay: 0.01, clipNorm: 1 },
    schedule: { name: "cosine", minimum: 1e-7 },
  });
  return { trainer, student, dispose: () => [trainer, student, teacher].forEach((part) => part.dispose()) };
}
