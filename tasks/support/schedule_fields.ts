/**
 * Settings of what changes from step to step: α, λ, the temperature, the losses' weights.
 *
 * @module
 */
import { z } from "zod";
import type { Schedule } from "../../lib/assistants/schedules.ts";
import { inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";

const way = (what: string) =>
  z.enum(["constant", "linear", "cosine", "adaptive"]).default("constant").describe(
    `schedule of ${what}; adaptive as in TAID`,
  );
const end = (what: string) => z.number().optional().describe(`final value of ${what}`);

/** A schedule and its end for each number; the number itself is its start. */
export const scheduleFields = inGroup("Schedules", {
  alphaSchedule: way("alpha"),
  alphaEnd: end("alpha"),
  lambdaSchedule: way("lambda"),
  lambdaEnd: end("lambda"),
  temperature: z.number().positive().default(1).describe(
    "temperature of the distillation loss, which divides the logits",
  ),
  temperatureSchedule: way("the temperature"),
  temperatureEnd: end("the temperature"),
  distillWeightSchedule: way("the distillation loss's weight"),
  distillWeightEnd: end("the distillation loss's weight"),
  textWeightSchedule: way("the weight of the loss on plain text"),
  textWeightEnd: end("the weight of the loss on plain text"),
});

/** The settings of {@linkcode scheduleFields}, as they are parsed. */
export type ScheduleSettings = z.output<z.ZodObject<typeof scheduleFields>>;

/** A number with a schedule. */
type Scheduled = "alpha" | "lambda" | "temperature" | "distillWeight" | "textWeight";

/**
 * Makes a number's schedule.
 *
 * @param name The number.
 * @param options Its start and the settings.
 * @returns The schedule, or the number itself where it stays.
 * @throws {UsageError} If the schedule has no end; the message names the flag.
 */
export function scheduleOf(
  name: Scheduled,
  { from, settings }: { from: number; settings: ScheduleSettings },
): number | Schedule {
  const [way, to] = [settings[`${name}Schedule`], settings[`${name}End`]];
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (way === "constant") return from;
  if (to === undefined) throw new UsageError(`Cannot use ${flag}-schedule ${way}: ${flag}-end is needed`);
  if (!Number.isFinite(from)) {
    throw new UsageError(`Cannot use ${flag}-schedule ${way}: ${flag} must be finite, current value is ${from}`);
  }
  return { name: way, from, to };
}
