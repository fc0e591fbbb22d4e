/**
 * Settings of what a run shows of itself.
 *
 * @module
 */
import { z } from "zod";
import { inGroup } from "./field.ts";

/** Event files, samples, and the plan without the run. They do not decide what a run ends in. */
export const watchFields = inGroup("Watching", {
  tensorboard: z.boolean().default(false).describe("write the metrics as TensorBoard event files too"),
  samples: z.int().min(0).default(0).describe("held-out prompts that are answered now and then, into samples.jsonl"),
  sampleEvery: z.int().min(0).optional().describe(
    "steps between these answers, 0 for the end only; with each validation if absent",
  ),
  sampleTemperature: z.number().min(0).default(0).describe("temperature of these answers; 0 takes the likeliest token"),
  dryRun: z.boolean().default(false).describe("print how much memory the run would need, and end"),
});

/** The setting of the gap measures, for tasks with a teacher. */
export const measureFields = inGroup("Watching", {
  measureEvery: z.int().min(0).default(10).describe(
    "steps between measurings of the gap between teacher, assistant and student; 0 measures none",
  ),
});
