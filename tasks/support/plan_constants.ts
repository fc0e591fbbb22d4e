/**
 * What was measured of machines, for plans: lines that `deno task bench comm` and `deno task bench step` printed.
 *
 * @module
 */
import { z } from "zod";
import {
  describeModel,
  deviceFigures,
  type DeviceRates,
  fitDevice,
  type Link,
  type StepTiming,
  stepWork,
} from "../../lib/planning/mod.ts";
import { configOfShape, shapes } from "../bench/shared.ts";
import { type JsonLine, readJsonLines } from "../../lib/files/json_lines.ts";
import { UsageError } from "./usage_error.ts";

/** Constants read from lines of measurements; those that no line has are absent. */
export interface PlanConstants {
  /** Rate and overhead of a device. */
  device?: Pick<DeviceRates, "flops" | "stepOverhead">;
  /** Between devices of a node. */
  inside?: Link;
  /** Between nodes. */
  between?: Link;
}

const linkLine = z.object({
  benchmark: z.literal("comm"),
  link: z.object({ latency: z.number().min(0), bandwidth: z.number().positive() }),
  ranks: z.int().min(2),
  nodes: z.int().min(1),
});

/** What of a line of `bench step` is needed. */
export const stepLine = z.object({
  benchmark: z.literal("step"),
  student: z.string(),
  teacher: z.string(),
  secondsPerStep: z.number().positive(),
  teacherCache: z.union([z.boolean(), z.string()]),
  recompute: z.boolean().default(false),
  fused: z.boolean(),
  extent: z.object({
    rows: z.number().positive(),
    positions: z.number().positive(),
    keptTokens: z.number().positive(),
    longestRow: z.number().positive().optional(),
    squares: z.number().positive().optional(),
  }),
});

/**
 * Reads a file of measurements; a later line of a link goes before an earlier one, all steps are fitted together.
 *
 * @param path The file; nothing is measured where it is absent.
 * @throws {UsageError} If it cannot be read, or a line is no measurement; the line is named.
 */
export async function readConstants(path: string | undefined): Promise<PlanConstants> {
  if (path === undefined) return {};
  let lines: JsonLine[];
  try {
    lines = await Array.fromAsync(readJsonLines(path));
  } catch (cause) {
    throw new UsageError((cause as Error).message.replace("Cannot read", "Cannot use --constants"), { cause });
  }
  return constantsOf(lines.map(({ value, line }) => ({ value, where: `${path}, line ${line}` })));
}

/**
 * Makes constants of measurements.
 *
 * @param lines What was printed, each with its place for messages.
 * @throws {UsageError} If a line is no measurement, or says nothing that a plan can use.
 */
export function constantsOf(lines: readonly { value: unknown; where: string }[]): PlanConstants {
  const constants: PlanConstants = {};
  const timings: StepTiming[] = [];
  for (const { value, where } of lines) {
    const benchmark = (value as { benchmark?: unknown } | null)?.benchmark;
    if (benchmark === "comm" && !("link" in (value as object))) continue; // a single operation's time
    if (benchmark === "comm") addLink(constants, checked(linkLine, value, where), where);
    else if (benchmark === "step") timings.push(stepTiming(checked(stepLine, value, where), where));
    else throw new UsageError(`Cannot use --constants: ${where} is not a line of bench comm or bench step`);
  }
  if (timings.length > 0) constants.device = fitDevice(timings, deviceFigures["cpu-core"].memoryBandwidth);
  return constants;
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const { data, error } = schema.safeParse(value);
  if (!error) return data;
  const [{ path, message }] = error.issues;
  throw new UsageError(`Cannot use --constants: ${where} has no usable "${path.join(".")}" (${message})`);
}

function addLink(constants: PlanConstants, { link, ranks, nodes }: z.output<typeof linkLine>, where: string): void {
  if (nodes > 1 && nodes !== ranks) {
    throw new UsageError(
      `Cannot use --constants: ${where} has ${ranks} ranks on ${nodes} nodes; a link between nodes is measured with one each`,
    );
  }
  constants[nodes > 1 ? "between" : "inside"] = link;
}

/** The work that a line of `bench step` measured. */
export function stepTiming(line: z.output<typeof stepLine>, where: string): StepTiming {
  for (const name of [line.student, line.teacher]) {
    if (!Object.hasOwn(shapes, name)) {
      throw new UsageError(`Cannot use --constants: ${where} has no known shape "${name}"`);
    }
  }
  const [student, teacher] = [line.student, line.teacher].map((name) => describeModel(configOfShape(name)));
  const { extent: batch, fused, teacherCache, recompute } = line;
  const work = stepWork({ student, teacher, batch, fused, recompute, cached: teacherCache ? 1 : 0 });
  return { work, seconds: line.secondsPerStep };
}
