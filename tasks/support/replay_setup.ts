/**
 * A failed step set up again: its engine, and the trainer that its run's settings stand for.
 *
 * @module
 */
import { z } from "zod";
import { ENGINE_NAMES } from "../../lib/engines/engines.ts";
import { engineMark } from "../../lib/engines/place.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import type { TrainerOptions } from "../../lib/training/step/trainer.ts";
import { type DistillConfig, distillSchema, loadPair } from "./distill_setup.ts";
import { type ConfigSchema, fieldsOf, readNumber } from "./field.ts";
import { modelOf, sftSchema, sftTokenizer, sftTrainerOptions } from "./sft_setup.ts";
import { useTaskEngine } from "./task_engine.ts";
import { trainerOptionsOf } from "./trainer_options.ts";
import { UsageError } from "./usage_error.ts";

/** The settings of the task. */
export const replaySchema = z.strictObject({
  folder: z.string().describe("the step's folder, such as runs/mine/failures/step-00000012; the flag may be omitted"),
  engine: z.enum(["auto", ...ENGINE_NAMES]).optional().describe(
    "what computes; the run's engine if absent",
  ),
  device: z.string().optional().describe("the engine's device; the run's if absent"),
  precision: z.enum(["float32", "bfloat16"]).optional().describe(
    "precision of storage and products; the run's if absent, or float32 on another engine",
  ),
});

/**
 * Starts the engine that the run had, or the one that the flags name, which need not have the run's device and
 * precision.
 *
 * @returns Its name, and what of the run's settings is otherwise here.
 */
export async function startAsIn(
  run: Readonly<Record<string, unknown>>,
  flags: Pick<z.output<typeof replaySchema>, "engine" | "device" | "precision">,
): Promise<{ name: string; changes: Record<string, unknown> }> {
  const { engine = "wasm", ...others } = run as Partial<DistillConfig>;
  const same = flags.engine === undefined || flags.engine === engine;
  const { device, precision = "float32", teacherPrecision } = same ? others : {};
  const wanted = { device: flags.device ?? device, precision: flags.precision ?? precision };
  const name = engineMark(await useTaskEngine(flags.engine ?? engine, wanted));
  const { task } = run;
  return { name, changes: { precision: wanted.precision, ...(task === "distill" ? { teacherPrecision } : {}) } };
}

/** The trainer's options that a run's settings stand for. */
export async function replayedOptions(
  { task, ...settings }: Readonly<Record<string, unknown>>,
): Promise<TrainerOptions> {
  // The weight of plain text is the run's; the text itself is in the saved rows.
  const plainText = settings.text === undefined ? undefined : { weight: Number(settings.textWeight ?? 1) };
  if (task === "distill") {
    const config = parsed(distillSchema, settings);
    return { ...await loadPair(config), ...trainerOptionsOf(config, plainText) };
  }
  if (task === "sft") {
    const config = parsed(sftSchema, settings);
    const student = await modelOf(config, await loadTokenizer(await sftTokenizer(config)));
    return { student, ...sftTrainerOptions(config, plainText) };
  }
  throw new UsageError(`Cannot replay a step: its task must be distill or sft, current value is ${String(task)}`);
}

function parsed<S extends ConfigSchema>(schema: S, settings: Record<string, unknown>): z.output<S> {
  const infinite = fieldsOf(schema).filter(({ key, infinite }) => infinite && typeof settings[key] === "string");
  const numbers = infinite.map((field) => [field.key, readNumber(settings[field.key] as string, field)]);
  return schema.parse({ ...settings, ...Object.fromEntries(numbers) });
}
