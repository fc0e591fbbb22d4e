/**
 * What benchmarks share: shapes of models, rows, memory.
 *
 * @module
 */
import { z } from "zod";
import { corpusRows, loadCorpus } from "../../lib/datasets/corpus.ts";
import { checkRow, type Row } from "../../lib/datasets/row.ts";
import { currentEngine, useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { type Place, placeOf } from "../support/place.ts";
import { engineFields } from "../support/training_fields.ts";
import { UsageError } from "../support/usage_error.ts";

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
export const benchFields = {
  ...engineFields,
  precision: z.enum(["float32", "bfloat16"]).default("float32").describe("how the engine stores and multiplies"),
};

/** Starts the engine that the flags name. */
export async function startEngine(
  { engine, device, precision }: { engine: string; device?: string; precision: "float32" | "bfloat16" },
): Promise<void> {
  await useEngine(engine as "auto", { device, precision });
}

/** What each line says of where it was measured. */
export function place(): Place {
  return placeOf(currentEngine()!);
}

/** The config.json of that shape. */
export function configOfShape(shape: string): Record<string, unknown> {
  const { width, layers, heads, vocabulary } = shapes[shape];
  const sizes = { vocab_size: vocabulary, n_positions: 1024, n_embd: width, n_head: heads, n_layer: layers };
  return { model_type: "gpt2", ...sizes };
}

/** A model of that shape, with random weights. */
export function modelOfShape(shape: string, seed: number): LanguageModel {
  return initializeModel(configOfShape(shape), { seed });
}

/**
 * Reads rows of token ids: `{ rows: [{ ids, prompt_length }] }`; or takes the built-in corpus where no file is named.
 *
 * @throws {UsageError} If the file holds no rows.
 */
export async function benchRows(file: string | undefined, count: number): Promise<Row[]> {
  if (file === undefined) {
    const { train } = await loadCorpus("wordnet", { counts: { train: count }, seed: 1 });
    return corpusRows(train, await loadTokenizer("data/tokenizer"));
  }
  const { rows } = JSON.parse(await Deno.readTextFile(file)) as { rows?: { ids: number[]; prompt_length: number }[] };
  if (!Array.isArray(rows) || rows.length === 0) throw new UsageError(`Cannot measure: ${file} holds no rows`);
  const read = rows.map(({ ids, prompt_length }) => ({ ids, promptLength: prompt_length }));
  read.forEach(checkRow);
  return Array.from({ length: count }, (_, index) => read[index % read.length]);
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

/** The most memory that the process has held so far, in MiB: what the system says, or the present size elsewhere. */
export function peakMiB(): number {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/self/status"));
    if (peak) return Math.round(Number(peak[1]) / 1024);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable)) throw error;
  }
  return Math.round(Deno.memoryUsage().rss / 2 ** 20);
}
