/**
 * What the memory's bandwidth allows of generation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LanguageModel } from "../../lib/models/language_model.ts";

/** The numbers that are read to measure the bandwidth: more than caches hold. */
const READ = 2 ** 26;
const TIMES = 5;

/**
 * Measures how fast the engine reads memory, and how many tokens a second it could generate if each step read every
 * weight once and did nothing else.
 */
export async function memoryBound(
  model: LanguageModel,
  { rows }: { rows: number },
): Promise<{ readGBPerSecond: number; boundTokensPerSecond: number }> {
  const numbers = tf.ones([READ]);
  let least = Infinity;
  for (let time = 0; time < TIMES; time++) {
    const began = performance.now();
    const sum = tf.sum(numbers);
    await sum.data();
    sum.dispose();
    least = Math.min(least, (performance.now() - began) / 1000);
  }
  numbers.dispose();
  const bytesPerSecond = 4 * READ / least;
  const { family, config, precision } = model;
  // Of tables that are looked up a few rows are read; a tied one is the head's too.
  const read = [...family.parameters(config)].filter(([name, { role }]) =>
    role !== "positions" && (role !== "tokens" || name === model.headName)
  );
  const count = read.reduce((sum, [, { shape }]) => sum + tf.util.sizeFromShape(shape), 0);
  const bytes = model.packedBytes ?? count * (precision === "bfloat16" ? 2 : 4);
  return { readGBPerSecond: bytesPerSecond / 1e9, boundTokensPerSecond: rows * bytesPerSecond / bytes };
}
