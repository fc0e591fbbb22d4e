/** The distance between sorted probabilities. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { sortedDistance } from "../../lib/objectives/sorted_distance.ts";
import { randomStream } from "../../lib/random/random.ts";
import { logSoftmax } from "../divergences/reference.ts";
import { assert, assertAllClose } from "../support/mod.ts";

await useEngine("wasm");
const random = randomStream(3);
const numbers = (count: number) => Array.from({ length: count }, () => 8 * random.bits() / 2 ** 32 - 4);
const [count, width] = [5, 13];
const logits = Array.from({ length: count }, () => numbers(width));
const places = Int32Array.of(1, 4);
const sorted = (row: number[]) => logSoftmax(row).map(Math.exp).sort((a, b) => b - a);
const teachers = [numbers(17), numbers(17)].map(sorted);

/** The sum by its definition, in float64; without k of all probabilities. */
function expected(of: number[][], k?: number): number {
  let sum = 0;
  [...places].forEach((place, index) => {
    const [q, p] = [sorted(of[place]), teachers[index]];
    const all = k ?? p.length;
    let [left, right] = [1, 1];
    for (let rank = 0; rank < all; rank++) {
      sum += Math.abs((q[rank] ?? 0) - p[rank]);
      [left, right] = [left - (q[rank] ?? 0), right - p[rank]];
    }
    if (k !== undefined) sum += Math.abs(left - right);
  });
  return sum;
}

Deno.test("sortedDistance() is the sum of differences by rank in float64, with its gradient, a bound of that over all", () => {
  for (const k of [1, 4, 12]) {
    const probs = Float32Array.from(teachers.flatMap((p) => p.slice(0, k)));
    const { sum, gradient } = sortedDistance(tf.tensor2d(logits), { places, probs });
    assertAllClose(sum, expected(logits, k), { atol: 1e-5 });
    assert(sum.dataSync()[0] <= expected(logits) + 1e-5, "the rest is one number");
    const slopes = logits.map((row, place) =>
      row.map((_, token) => {
        const moved = (by: number) =>
          logits.map((other, at) => at === place ? other.map((x, id) => id === token ? x + by : x) : other);
        return (expected(moved(1e-5), k) - expected(moved(-1e-5), k)) / 2e-5;
      })
    );
    assertAllClose(gradient, slopes.flat(), { atol: 1e-5, rtol: 1e-3 });
  }
  const whole = sorted(logits[1]);
  const same = sortedDistance(tf.tensor2d([logits[1]]), { places: Int32Array.of(0), probs: Float32Array.from(whole) });
  assertAllClose(same.sum, 0, { atol: 1e-5 });
});
