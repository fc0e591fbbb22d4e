/**
 * The settings of a run of a pipeline, and those of them that its record has.
 *
 * @module
 */
import type { RunRecord, SettingValue } from "../../../lib/runs/records/run_record.ts";
import { type DistillConfig, distillSchema } from "../distill_setup.ts";
import { type ParsedTask, parseTask } from "../schema.ts";
import { distillEffects } from "../training_effects.ts";

/** Reads a run's settings, without the warnings of the command line. */
export function parseDistill(args: readonly string[]): Promise<ParsedTask<typeof distillSchema>> {
  const task = { name: "distill", description: "", schema: distillSchema, effects: distillEffects };
  return parseTask({ ...task, args, warn: () => {} });
}

/** Settings that say where things are, or how a run goes on: its record is the same without. */
const ELSEWHERE: ReadonlySet<keyof DistillConfig> = new Set<keyof DistillConfig>([
  "name",
  "teacher",
  "student",
  "data",
  "tokenizer",
  "resume",
  "overwrite",
  "teacherCache",
  "teacherCacheFolder",
  "teacherCacheType",
]);

/**
 * The settings that decide a run's figures, as its record has them: those that a file or a flag gives.
 *
 * @param args The flags of the run.
 * @param more Settings of its evaluation, and of its rows.
 */
export async function configurationOf(
  args: readonly string[],
  more: Readonly<Record<string, SettingValue>>,
): Promise<RunRecord["configuration"]> {
  const { config, origins } = await parseDistill(args);
  const given = Object.keys(origins).filter((key) => !ELSEWHERE.has(key as keyof DistillConfig)).sort();
  const values = given.map((key) => [key, plain(config[key as keyof DistillConfig])] as const);
  return { ...Object.fromEntries(values), ...more };
}

/** JSON has no infinities. */
const plain = (value: unknown): SettingValue =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value as SettingValue;
