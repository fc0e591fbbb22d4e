/**
 * What benchmarks share: shapes of models, the engine, memory.
 *
 * @module
 */
import { resourceUsage } from "node:process";
import { z } from "zod";
import * as tf from "@tensorflow/tfjs-core";
import { currentEngine, type EngineName, type Precision } from "../../lib/engines/mod.ts";
import { initializeModel, type InitializeOptions } from "../../lib/models/initialize_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { type Place, placeOf } from "../../lib/engines/place.ts";
import { useTaskEngine } from "../support/task_engine.ts";
import { engineFields } from "../support/training_fields.ts";

/** Width, blocks and heads of the shapes there are, all of GPT-2's family. */
export const shapes: Record<string, { width: number; layers: number; heads: number; vocabulary: number }> = {
  "student": { width: 96, layers: 2, heads: 4, vocabulary: 4096 },
  "teacher": { width: 256, layers: 4, heads: 8, vocabulary: 4096 },
  "width-256": { width: 256, layers: 4, heads: 4, vocabulary: 50257 },
  "gpt2": { width: 768, layers: 12, heads: 12, vocabulary: 50257 },
  "gpt2-medium": { width: 1024, layers: 24, heads: 16, vocabulary: 50257 },
  "gpt2-large": { width: 1280, layers: 36, heads: 20, vocabulary: 50257 },
  "gpt2-xl": { width: 1600, layers: 48, heads: 25, vocabulary: 50257 },
};

/** A model's shape, as a flag. */
export const shapeField = (byDefault: string, what: string) =>
  z.enum(Object.keys(shapes) as [string, ...string[]]).default(byDefault).describe(
    `shape of the ${what}; random weights`,
  );

/** Engine and precision, as flags. */
export const benchFields = engineFields;

/** The flag of the benchmarks that print a table. */
export const jsonField = { json: z.boolean().default(false).describe("one JSON line instead of a table") };

/** The most memory that was held so far, in MiB. */
export type PeakMiB = () => number;

/**
 * Starts the engine that the flags name.
 *
 * @returns A function that returns the peak memory so far: the process's; on CUDA the device's since the engine was
 * started, of which libtorch gives nothing back.
 */
export async function startEngine(
  { engine, device, precision }: { engine: EngineName | "auto"; device?: string; precision: Precision },
): Promise<{ peakMiB: PeakMiB }> {
  await useTaskEngine(engine, { device, precision });
  const before = takenOnDevice();
  return { peakMiB: before === undefined ? processPeakMiB : () => Math.round((takenOnDevice()! - before) / 2 ** 20) };
}

/** Bytes of the CUDA device that are taken; nothing elsewhere. */
function takenOnDevice(): number | undefined {
  const { device } = tf.memory() as { device?: { free: number; total: number } };
  return device && device.total - device.free;
}

/** What each line says about where it was measured. */
export function place(): Place {
  return placeOf(currentEngine()!);
}

/** The config.json of that shape. */
export function configOfShape(shape: string): Record<string, unknown> {
  const { width, layers, heads, vocabulary } = shapes[shape];
  const sizes = { vocab_size: vocabulary, n_positions: 1024, n_embd: width, n_head: heads, n_layer: layers };
  return { model_type: "gpt2", ...sizes };
}

/** A model of that shape, with random weights; one in bfloat16 is not trained. */
export function modelOfShape(shape: string, options: InitializeOptions): LanguageModel {
  return initializeModel(configOfShape(shape), options);
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

/** The most memory that the process has held so far, in MiB: the system's own record. */
function processPeakMiB(): number {
  return Math.round(resourceUsage().maxRSS / 1024);
}
