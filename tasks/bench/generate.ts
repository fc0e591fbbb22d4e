/**
 * Generation with a key-value cache.
 *
 * @module
 */
import { z } from "zod";
import { generate } from "../../lib/models/generation/generate.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { UsageError } from "../support/usage_error.ts";
import { parseTask } from "../support/schema.ts";
import type { Measured } from "./measured.ts";
import { benchFields, jsonField, median, modelOfShape, place, shapeField, startEngine } from "./shared.ts";

const schema = z.strictObject({
  model: shapeField("teacher", "model"),
  file: z.string().optional().describe("a model's folder, GGUF file or name that is taken in place of a made one"),
  batch: z.int().min(1).default(16).describe("prompts at once"),
  promptLength: z.int().min(1).default(32).describe("tokens of a prompt"),
  newTokens: z.int().min(1).default(64).describe("tokens generated per prompt"),
  steps: z.int().min(1).default(3).describe("measured batches, after one warm-up"),
  ...benchFields,
  ...jsonField,
});

/**
 * Measures greedy generation; the line shows new tokens per second, and how many times longer all new tokens take than
 * half of them: 2 where the time grows linearly.
 */
export async function benchGenerate(args: readonly string[]): Promise<Measured> {
  const { config } = await parseTask({ name: "bench generate", description: "Measure generation.", schema, args });
  const { peakMiB } = await startEngine(config);
  const { file, precision } = config;
  const model = file === undefined
    ? modelOfShape(config.model, { seed: 1, precision })
    : await loadModel(file, { precision });
  const { batch, promptLength, newTokens, steps } = config;
  const { contextLength } = model.config;
  if (promptLength + newTokens > contextLength) {
    throw new UsageError(
      `Cannot use --prompt-length ${promptLength} with --new-tokens ${newTokens}: together they must be at most the ` +
        `model's context of ${contextLength}`,
    );
  }
  const prompts = Array.from(
    { length: batch },
    (_, row) =>
      Array.from({ length: promptLength }, (_, place) => (row * 31 + place * 17) % model.config.vocabularySize),
  );
  const timed = async (maxNewTokens: number) => {
    const began = performance.now();
    await generate(model, prompts, { maxNewTokens, temperature: 0, stopTokens: [], batchSize: batch });
    return (performance.now() - began) / 1000;
  };
  const [whole, half]: number[][] = [[], []];
  for (let step = 0; step <= steps; step++) {
    half.push(await timed(Math.ceil(newTokens / 2)));
    whole.push(await timed(newTokens));
  }
  const secondsPerBatch = median(whole.slice(1));
  const growth = secondsPerBatch / median(half.slice(1));
  const line = {
    benchmark: "generate",
    ...place(),
    model: file ?? config.model,
    batch,
    promptLength,
    newTokens,
    secondsPerBatch,
    tokensPerSecond: batch * newTokens / secondsPerBatch,
    growth,
    peakMiB: peakMiB(),
  };
  return { line, json: config.json };
}
