/**
 * A short run as a file describes it: its losses, seconds and memory. `bench trl` has it in a process of its own.
 *
 * @module
 */
import { z } from "zod";
import type { Row } from "../../lib/batches/row.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { type Objective, objective } from "../../lib/objectives/mod.ts";
import { distill } from "../../lib/training/run/distill.ts";
import { parseTask } from "../support/schema.ts";
import type { Measured } from "./measured.ts";
import { benchFields, jsonField, place, startEngine } from "./shared.ts";

/** What the file holds. */
export interface RunPlan {
  /** Folders of both models. */
  student: string;
  teacher: string;
  /** The rows, in the order that {@linkcode seed} gives them. */
  rows: readonly Row[];
  batchSize: number;
  steps: number;
  /** β of the generalised Jensen–Shannon divergence; 0 for forward KL, 1 for reverse KL. */
  beta: number;
  policy: "off" | "on";
  maxNewTokens: number;
  learningRate: number;
  recompute: boolean;
  seed: number;
}

const schema = z.strictObject({
  plan: z.string().min(1).describe("JSON file that describes the run"),
  ...benchFields,
  ...jsonField,
});

/** The generalised Jensen–Shannon divergence, which is the KL divergences at its limits by convention. */
function objectiveOf(beta: number): Objective {
  if (beta === 0) return objective("forward-kl");
  return beta === 1 ? objective("reverse-kl") : objective("jensen-shannon", { beta });
}

/** Runs it, at a constant learning rate and gradients clipped at norm 1. */
export async function benchRun(args: readonly string[]): Promise<Measured> {
  const { config } = await parseTask({ name: "bench run", description: "Measure a short run.", schema, args });
  const { peakMiB } = await startEngine(config);
  const plan = JSON.parse(await Deno.readTextFile(config.plan)) as RunPlan;
  const { rows, batchSize, steps, beta, policy, maxNewTokens, learningRate, recompute, seed } = plan;
  const losses: number[] = [], seconds: number[] = [];
  const run = distill({
    student: await loadModel(plan.student),
    teacher: await loadModel(plan.teacher, { precision: config.precision }),
    objective: objectiveOf(beta),
    rows,
    batchSize,
    totalSteps: steps,
    seed,
    policy: { name: policy },
    responses: { maxNewTokens },
    recompute,
    optimizer: { learningRate, weightDecay: 0, clipNorm: 1 },
    schedule: { name: "constant", warmupSteps: 0 },
  });
  for await (const event of run) {
    if (event.type !== "step") continue;
    losses.push(event.distillLoss);
    seconds.push(event.seconds);
  }
  return { line: { benchmark: "run", ...place(), losses, seconds, peakMiB: peakMiB() }, json: config.json };
}
