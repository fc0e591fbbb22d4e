/**
 * Takes a step that ended a run again, and shows whether it fails as it did.
 *
 *     deno task replay-step runs/mine/failures/step-00000012
 */
import { z } from "zod";
import { ENGINE_NAMES } from "../lib/engines/engines.ts";
import { readFailedStep, replayFailedStep } from "../lib/training/run/failed_step.ts";
import { NonFiniteLossError, Trainer, type TrainerOptions } from "../lib/training/step/trainer.ts";
import { engineMark } from "../lib/engines/place.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { type DistillConfig, distillSchema, loadPair, trainerOptionsOf } from "./support/distill_setup.ts";
import { type ConfigSchema, fieldsOf, readNumber } from "./support/field.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { UsageError } from "./support/usage_error.ts";
import { modelOf, sftSchema, sftTokenizer, sftTrainerOptions } from "./support/sft_setup.ts";

const schema = z.strictObject({
  folder: z.string().describe("the step's folder, such as runs/mine/failures/step-00000012; its flag may be left out"),
  engine: z.enum(["auto", ...ENGINE_NAMES]).optional().describe(
    "what computes; the run's engine if absent",
  ),
  device: z.string().optional().describe("the engine's device; the run's if absent"),
  precision: z.enum(["float32", "bfloat16"]).optional().describe(
    "how the engine stores and multiplies; as in the run if absent, or float32 on another engine",
  ),
});

/**
 * Runs the task.
 *
 * @param args The flags, or the folder and the flags.
 * @returns The exit status: 0 where the step fails as it did, 1 where it does not.
 */
export async function main(args: readonly string[]): Promise<number> {
  const description = "Take a step that ended a run again.";
  const named = args.length > 0 && !args[0].startsWith("-") ? ["--folder", ...args] : args;
  const { config } = await parseTask({ name: "replay-step", description, schema, args: named });
  const { step, culprit, rows, settings } = await readFailedStep(config.folder);
  const { name, changes } = await startAsIn(settings, config);
  console.log(`step ${step}, ${rows.length} rows, saved with: ${culprit}`);
  const trainer = new Trainer(await optionsOf({ ...settings, ...changes }));
  try {
    const { loss, gradNorm } = await replayFailedStep(config.folder, trainer);
    console.log(`on ${name}: the step is well, its loss is ${loss}, its gradient's norm ${gradNorm}`);
    return 1;
  } catch (error) {
    if (!(error instanceof NonFiniteLossError)) throw error;
    console.log(`on ${name}: ${error.culprit}`);
    console.log(error.culprit === culprit ? "the same" : "another culprit");
    return error.culprit === culprit ? 0 : 1;
  } finally {
    trainer.dispose();
  }
}

/**
 * Starts the engine that the run had, or the one that the flags name, which need not have the run's device and
 * precision.
 *
 * @returns Its name, and what of the run's settings is otherwise here.
 */
async function startAsIn(
  run: Readonly<Record<string, unknown>>,
  flags: Pick<z.output<typeof schema>, "engine" | "device" | "precision">,
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
async function optionsOf({ task, ...settings }: Readonly<Record<string, unknown>>): Promise<TrainerOptions> {
  // The weight of plain text is the run's; the text itself is in the saved rows.
  const plainText = settings.text === undefined ? undefined : { weight: Number(settings.textWeight ?? 1) };
  if (task === "distill") {
    const config = parsed(distillSchema, settings);
    return trainerOptionsOf(config, { ...await loadPair(config), plainText });
  }
  if (task === "sft") {
    const config = parsed(sftSchema, settings);
    const student = await modelOf(config, await loadTokenizer(await sftTokenizer(config)));
    return sftTrainerOptions(config, { student, plainText });
  }
  throw new UsageError(`Cannot replay a step: its task must be distill or sft, current value is ${String(task)}`);
}

function parsed<S extends ConfigSchema>(schema: S, settings: Record<string, unknown>): z.output<S> {
  const infinite = fieldsOf(schema).filter(({ key, infinite }) => infinite && typeof settings[key] === "string");
  const numbers = infinite.map((field) => [field.key, readNumber(settings[field.key] as string, field)]);
  return schema.parse({ ...settings, ...Object.fromEntries(numbers) });
}

if (import.meta.main) await runTask(main);
