/**
 * The parts of the kernels that the threads of a block do together, and the rounding of bfloat16, each by itself: the
 * kernels' own source compiled by g++ for the processor.
 */
import { elementsSource } from "../../../../lib/engines/torch/cuda/source/elements.ts";
import { runProgram } from "./run_program.ts";

/** What a block found of its numbers. */
export interface BlockResult {
  /** Of `block_sum`, the numbers of two series. */
  sums: [number, number];
  largest: number;
  /** Of `Normaliser`: the largest, and the logarithm of the sum of exponentials below it. */
  normaliser: [number, number];
}

/** Numbers for a block of some threads: thread t takes those at t, t + threads, … */
export interface BlockCase {
  threads: number;
  values: Float32Array<ArrayBuffer>;
}

/** Every thread's results must be the same; the program ends otherwise. */
const blockProgram = /* C++ */ `
#include "block.h"
using std::fabs;
${elementsSource}
static void run(int threads, const std::vector<float> &values, FILE *out) {
  std::vector<float> found(5 * threads);
  block::run(threads, [&] {
    float *scratch = (float *)block::shared;
    float sums[2] = {0, 0};
    float largest = -LARGEST_FLOAT;
    Normaliser normaliser{-LARGEST_FLOAT, 0};
    for (int i = threadIdx.x; i < (int)values.size(); i += threads) {
      sums[0] += values[i];
      sums[1] += values[i] * values[i];
      largest = fmaxf(largest, values[i]);
      normaliser.add(values[i]);
    }
    block_sum(sums, scratch);
    largest = block_max(largest, scratch);
    normaliser.join(scratch);
    const float all[5] = {sums[0], sums[1], largest, normaliser.largest, normaliser.total};
    std::memcpy(&found[5 * threadIdx.x], all, sizeof(all));
  });
  for (int thread = 1; thread < threads; thread++)
    if (std::memcmp(&found[0], &found[5 * thread], 20)) std::abort();
  std::fwrite(found.data(), 4, 5, out);
}
int main(int, char **files) {
  FILE *in = std::fopen(files[1], "rb"), *out = std::fopen(files[2], "wb");
  int head[2];
  while (std::fread(head, sizeof(int), 2, in) == 2) {
    std::vector<float> values(head[1]);
    if (std::fread(values.data(), 4, values.size(), in) != values.size()) std::abort();
    run(head[0], values, out);
  }
  return std::fclose(out);
}`;

/** Runs reductions in blocks of the processor. */
export async function blockResults(cases: readonly BlockCase[]): Promise<BlockResult[]> {
  const input = cases.flatMap(({ threads, values }) => [Int32Array.of(threads, values.length), values]);
  const found = new Float32Array(await runProgram(blockProgram, input));
  return cases.map((_, i) => {
    const [sum, squares, largest, top, total] = found.subarray(5 * i, 5 * i + 5);
    return { sums: [sum, squares], largest, normaliser: [top, total] };
  });
}

const roundingProgram = /* C++ */ `
#include "block.h"
using std::fabs;
${elementsSource}
int main(int, char **files) {
  FILE *in = std::fopen(files[1], "rb"), *out = std::fopen(files[2], "wb");
  float value;
  while (std::fread(&value, 4, 1, in) == 1) {
    bfloat16 stored;
    store(&stored, 0, value);
    const float back = load(&stored, 0);
    std::fwrite(&back, 4, 1, out);
  }
  return std::fclose(out);
}`;

/** What float32 numbers are after the kernels have stored them as bfloat16 and read them again. */
export async function throughBfloat16(values: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
  return new Float32Array(await runProgram(roundingProgram, [values]));
}

/**
 * The nearest number of bfloat16, chosen among its two neighbours by their distance, the one whose last bit is 0 at a
 * tie; beyond the largest one the next power of two counts as infinity.
 */
export function nearestBfloat16(value: number): number {
  if (Number.isNaN(value) || !Number.isFinite(value) || value === 0) return value;
  const size = Math.abs(value);
  // Eight bits of precision; below 2^-126 the distance between numbers stays that of the smallest normal ones.
  const step = 2 ** (Math.max(Math.floor(Math.log2(size)), -126) - 7);
  const units = size / step, below = Math.floor(units);
  const rest = units - below;
  const rounded = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  const nearest = rounded * step;
  return Math.sign(value) * (nearest >= 2 ** 128 ? Infinity : nearest);
}
