/**
 * Attention in both precisions at the shapes of real heads: rows of several lengths, shared heads, windows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Precision } from "../../../lib/engines/mod.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { causalAttention, type CausalAttentionOptions } from "../../../lib/operations/causal_attention.ts";
import { type Case, type Check, largestError, type Place, precisionsOf, within } from "../check.ts";
import { start } from "../engine.ts";

interface Shape extends CausalAttentionOptions {
  width: number;
}

const shapes: Record<string, Shape> = {
  "rows of several lengths": { rowLengths: [17, 3, 40, 1], heads: 4, width: 64 },
  "shared heads": { rowLengths: [20, 9], heads: 6, keyValueHeads: 2, width: 32 },
  "a window": { rowLengths: [50, 12], heads: 2, window: 7, width: 64 },
  "narrow heads": { rowLengths: [12, 5], heads: 2, width: 4 },
  "heads of 128, a long row": { rowLengths: [70, 30], heads: 2, keyValueHeads: 1, width: 128 },
  "a shared prefix": {
    rowLengths: [30, 25],
    prefixes: [{ row: 0, length: 0 }, { row: 0, length: 20 }],
    heads: 2,
    width: 64,
  },
};

/** The result and its gradients in query, key and value. */
function attended({ width, ...options }: Shape): number[] {
  const { rowLengths, prefixes, heads, keyValueHeads = heads } = options;
  const positions = rowLengths.reduce((sum, length, row) => sum + length - (prefixes?.[row].length ?? 0), 0);
  const inputs = [heads, keyValueHeads, keyValueHeads].map((count, seed) =>
    tf.randomNormal([positions, count * width], 0, 1, "float32", seed + 1)
  );
  const run = (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) => causalAttention({ query, key, value }, options);
  const y = run(inputs[0], inputs[1], inputs[2]);
  const weights = tf.reshape(tf.cos(tf.range(0, y.size)), y.shape);
  const gradients = tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(run(x[0], x[1], x[2]), weights)))(inputs);
  const found = [y, ...gradients].flatMap((tensor) => Array.from(tensor.dataSync()));
  tf.dispose([inputs, y, weights, gradients]);
  return found;
}

function caseOf(name: string, precision: Precision, place: Place): Case {
  return {
    name: `${name}, ${precision}`,
    async run() {
      await useEngine("cpu");
      const wanted = attended(shapes[name]);
      await start(place, precision);
      const found = attended(shapes[name]);
      const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      // Inputs and results have 8 significant bits there.
      return within(largestError(found, wanted, scale), precision === "float32" ? 1e-5 : 0.02);
    },
  };
}

/** Attention. */
export const attention: Check = {
  name: "attention",
  group: "Arithmetic",
  about: "attention and its gradients at the shapes of real heads are the reference engine's",
  seconds: 60,
  skip: ({ engine }) => engine === "cpu" ? "it is the reference" : undefined,
  cases: (place) =>
    precisionsOf(place).flatMap((precision) => Object.keys(shapes).map((name) => caseOf(name, precision, place))),
};
