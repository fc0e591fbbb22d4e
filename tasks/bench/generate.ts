/**
 * Generation with a key-value cache.
 *
 * @module
 */
import { z } from "zod";
import { generate } from "../../lib/models/generation/generate.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { memoryBound } from "./memory_bound.ts";
import { queueOf } from "./prompt_queue.ts";
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
  queue: z.int().min(1).optional().describe(
    "prompts of a queue: they and their answers are of different lengths, up to --prompt-length and --new-tokens",
  ),
  steps: z.int().min(1).default(3).describe("measured batches, after one warm-up"),
  ...benchFields,
  ...jsonField,
});

/**
 * Measures generation; the line shows new tokens per second, and how many times longer all new tokens take than half of
 * them: 2 where the time grows linearly. It is greedy, except for a queue. `boundTokensPerSecond` is what the memory's
 * bandwidth allows where each weight is read once for the tokens of all rows.
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
  const { vocabularySize } = model.config;
  const alike = {
    prompts: Array.from(
      { length: batch },
      (_, row) => Array.from({ length: promptLength }, (_, place) => (row * 31 + place * 17) % vocabularySize),
    ),
    sampling: { temperature: 0, stopTokens: [] },
  };
  const { prompts, sampling } = config.queue === undefined
    ? alike
    : queueOf(config.queue, { promptLength, newTokens, vocabularySize });
  let tokens = 0;
  const timed = async (maxNewTokens: number) => {
    const began = performance.now();
    const answers = await generate(model, prompts, { ...sampling, maxNewTokens, batchSize: batch });
    tokens = answers.reduce((sum, { length }) => sum + length, 0);
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
    ...config.queue !== undefined && { queue: config.queue },
    promptLength,
    newTokens,
    secondsPerBatch,
    tokensPerSecond: tokens / secondsPerBatch,
    growth,
    ...await memoryBound(model, { rows: batch }),
    peakMiB: peakMiB(),
  };
  return { line, json: config.json };
}
