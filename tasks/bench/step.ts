/**
 * The training step.
 *
 * @module
 */
import { z } from "zod";
import type { Row } from "../../lib/datasets/row.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { hasKernel } from "../../lib/operations/fused.ts";
import { Trainer } from "../../lib/training/trainer.ts";
import { keptTokens, trainingBatch } from "../../lib/training/training_batch.ts";
import { switchWith } from "../support/field.ts";
import { parseTask } from "../support/schema.ts";
import { benchFields, benchRows, median, modelOfShape, peakMiB, place, shapeField, startEngine } from "./shared.ts";

const schema = z.strictObject({
  student: shapeField("student", "student"),
  teacher: shapeField("teacher", "teacher"),
  batch: z.int().min(1).default(16).describe("rows a step"),
  steps: z.int().min(1).default(5).describe("steps that are measured, after one that is not"),
  rows: z.string().optional().describe("JSON file of rows of token ids; the built-in corpus if absent"),
  chunkSize: z.int().min(1).optional().describe("response tokens whose logits exist at once"),
  teacherCache: switchWith(["memory", "disk"]).default(false).describe(
    "keep the teacher's states, in memory or on the disk, and measure the second epoch",
  ),
  recompute: z.boolean().default(false).describe("compute each block again in the backward pass"),
  json: z.boolean().default(true).describe("one JSON line; there is no other form"),
  ...benchFields,
});

/** Measures steps of distillation by the α-mixture objective; the line says rows and tokens a second, and memory. */
export async function benchStep(args: readonly string[]): Promise<Record<string, unknown>> {
  const { config } = await parseTask({ name: "bench step", description: "Measure the training step.", schema, args });
  await startEngine(config);
  const [student, teacher] = [modelOfShape(config.student, 1), modelOfShape(config.teacher, 2)];
  const { batch, steps, chunkSize, teacherCache, recompute } = config;
  const rows = await benchRows(config.rows, batch * (steps + 1));
  const folder = teacherCache === "disk" ? await Deno.makeTempDir({ dir: await benchFolder() }) : undefined;
  const trainer = new Trainer({
    ...{ student, teacher, chunkSize, recompute, teacherCache: folder ?? teacherCache, totalSteps: 2 * steps + 2 },
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    optimizer: { learningRate: 1e-4 },
  });
  const batchOf = (step: number) => rows.slice(step * batch, (step + 1) * batch);
  if (teacherCache) { for (let step = 0; step <= steps; step++) await trainer.step(batchOf(step)); }
  const measured: { seconds: number; tokens: number }[] = [];
  for (let step = 0; step <= steps; step++) {
    const part = batchOf(step);
    const began = performance.now();
    await trainer.step(part);
    const tokens = part.reduce((sum, { ids }) => sum + ids.length, 0);
    measured.push({ seconds: (performance.now() - began) / 1000, tokens });
  }
  if (folder !== undefined) await Deno.remove(folder, { recursive: true });
  const counted = measured.slice(1);
  const extent = meanExtent(rows.slice(teacherCache ? 0 : batch), batch);
  const secondsPerStep = median(counted.map(({ seconds }) => seconds));
  const tokens = counted.reduce((sum, { tokens }) => sum + tokens, 0) / counted.length;
  return {
    ...{
      benchmark: "step",
      ...place(),
      student: config.student,
      teacher: config.teacher,
      batch,
      steps,
      teacherCache,
      recompute,
    },
    ...{ secondsPerStep, stepsPerSecond: 1 / secondsPerStep, rowsPerSecond: batch / secondsPerStep },
    ...{ tokensPerSecond: tokens / secondsPerStep, peakMiB: peakMiB() },
    ...{ extent, fused: hasKernel("CausalAttention") },
  };
}

/** What a step works on in the mean: what plans of distributed runs are calibrated by. */
function meanExtent(rows: readonly Row[], batch: number): Record<"rows" | "positions" | "keptTokens", number> {
  const parts = Array.from(
    { length: rows.length / batch },
    (_, index) => rows.slice(index * batch, (index + 1) * batch),
  );
  const mean = (count: (part: readonly Row[]) => number) =>
    parts.reduce((sum, part) => sum + count(part), 0) / parts.length;
  const positions = mean((part) => trainingBatch(part).tokens.ids.length);
  return { rows: batch, positions, keptTokens: mean(keptTokens) };
}

/** Where a benchmark may write. */
async function benchFolder(): Promise<string> {
  await Deno.mkdir("runs", { recursive: true });
  return "runs";
}
