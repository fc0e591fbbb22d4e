/**
 * Settings of what a run shows of itself.
 *
 * @module
 */
import { z } from "zod";
import { DISTILL_DEFAULTS } from "../../lib/training/run/distill_options.ts";
import { type TrackerName, trackerNames, trackers } from "../../lib/runs/trackers.ts";
import { everyField, inGroup } from "./field.ts";

/** A switch for each tracker. */
const trackerFields = Object.fromEntries(
  trackerNames.map((name) => [name, z.boolean().default(false).describe(trackers[name].about)]),
) as Record<TrackerName, z.ZodDefault<z.ZodBoolean>>;

/** Event files, samples, and the plan without the run. They do not decide what a run ends in. */
export const watchFields = inGroup("Watching", {
  ...trackerFields,
  samples: z.int().min(0).default(0).describe("number of held-out prompts answered periodically, in samples.jsonl"),
  sampleEvery: everyField().optional().describe("steps between these answers; with each validation if absent"),
  sampleTemperature: z.number().min(0).default(DISTILL_DEFAULTS.sampleTemperature).describe(
    "temperature of these answers; 0 takes the most probable token",
  ),
  dryRun: z.boolean().default(false).describe("print how much memory the run would need and exit"),
});

/** The setting of the gap measures, for tasks with a teacher. */
export const measureFields = inGroup("Watching", {
  measureEvery: everyField().default(DISTILL_DEFAULTS.measureEvery).describe(
    "steps between measurements of the gap between teacher, assistant and student",
  ),
});
