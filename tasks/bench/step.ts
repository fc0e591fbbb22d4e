/**
 * The training step.
 *
 * @module
 */
import { z } from "zod";
import { stepWork } from "../../lib/planning/mod.ts";
import { currentEngine } from "../../lib/engines/mod.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { cached } from "../../lib/teachers/cached.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { switchWith } from "../support/field.ts";
import { parseTask } from "../support/schema.ts";
import { mean, meanExtent } from "./extent.ts";
import type { Measured } from "./measured.ts";
import { benchRows, ROWS_HELP } from "./rows.ts";
import { benchFields, jsonField, median, modelOfShape, place, shapeField, startEngine } from "./shared.ts";
import { settle, StepClock } from "./split.ts";

const schema = z.strictObject({
  student: shapeField("student", "student"),
  teacher: shapeField("teacher", "teacher"),
  batch: z.int().min(1).default(16).describe("rows per step"),
  steps: z.int().min(1).default(5).describe("measured steps, after one warm-up"),
  rows: z.string().optional().describe(ROWS_HELP),
  chunkSize: z.int().min(1).optional().describe("response tokens whose logits exist at once"),
  teacherCache: switchWith(["memory", "disk"]).default(false).describe(
    "cache the teacher's states, in memory or on disk, and measure the second epoch",
  ),
  recompute: z.boolean().default(false).describe("recompute each block in the backward pass"),
  ...benchFields,
  ...jsonField,
});

/**
 * Measures steps of distillation by the α-mixture objective; a line has rows and tokens per second, memory, arithmetic,
 * and where the time goes.
 */
export async function benchStep(args: readonly string[]): Promise<Measured> {
  const { config } = await parseTask({ name: "bench step", description: "Measure the training step.", schema, args });
  const { batch, steps, chunkSize, teacherCache, recompute, json } = config;
  const { batches, taken } = await benchRows(config.rows, { batch, steps: steps + 1 });
  const { peakMiB } = await startEngine(config);
  const student = modelOfShape(config.student, { seed: 1 });
  const teacher = modelOfShape(config.teacher, { seed: 2, precision: config.precision });
  const folder = teacherCache === "disk" ? await Deno.makeTempDir({ dir: await benchFolder() }) : undefined;
  const { name: engine, device, abilities } = currentEngine()!;
  // Elsewhere a phase ends when the device's work is queued; waiting for it takes time of its own, and so the split
  // is of further steps there. WebGPU cannot wait.
  const synchronous = device === "cpu", waits = !synchronous && engine !== "webgpu";
  const clock = new StepClock({ settle: synchronous ? undefined : settle });
  let timed = false;
  const trainer = new Trainer({
    student,
    chunkSize,
    recompute,
    totalSteps: 3 * steps + 3,
    teacher: teacherCache ? cached(teacher, { folder }) : teacher,
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    optimizer: { learningRate: 1e-4 },
    onPhase: (phase) => timed && clock.onPhase(phase),
  });
  const measured = batches.slice(1);
  const seconds: number[] = [];
  let peak: number;
  try {
    if (teacherCache) { for (const rows of batches) await trainer.step(rows); }
    await trainer.step(batches[0]);
    timed = synchronous;
    for (const rows of measured) {
      const began = performance.now();
      clock.begin();
      await trainer.step(rows);
      seconds.push((performance.now() - began) / 1000);
    }
    peak = peakMiB();
    if (waits) {
      clock.reset();
      timed = true;
      for (const rows of measured) {
        clock.begin();
        await trainer.step(rows);
      }
    }
  } finally {
    if (folder !== undefined) await Deno.remove(folder, { recursive: true });
  }
  const split = timed ? clock.split : undefined;
  const extent = meanExtent(measured);
  const secondsPerStep = median(seconds);
  const tokensPerStep = mean(taken.tokens.slice(1));
  const fused = abilities.attention !== "composed";
  const work = stepWork({ student, teacher, batch: extent, fused, recompute, cached: teacherCache ? 1 : 0 });
  const line = {
    benchmark: "step",
    ...place(),
    student: config.student,
    teacher: config.teacher,
    batch,
    steps,
    teacherCache,
    recompute,
    secondsPerStep,
    stepsPerSecond: 1 / secondsPerStep,
    rowsPerSecond: batch / secondsPerStep,
    tokensPerSecond: tokensPerStep / secondsPerStep,
    tokensPerStep,
    peakMiB: peak,
    gflops: (work.teacher + work.forward + work.head + work.backward) / secondsPerStep / 1e9,
    split,
    extent,
    fused,
    rows: { file: config.rows ?? "the built-in corpus", ...taken },
  };
  return { line, json };
}

/** Where a benchmark may write. */
async function benchFolder(): Promise<string> {
  await Deno.mkdir("runs", { recursive: true });
  return "runs";
}
