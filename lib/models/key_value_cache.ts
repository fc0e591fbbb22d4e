/**
 * Keys and values of the positions that generation has passed, so that each new token costs one position.
 *
 * Shapes: `B` rows, `K` key-value heads, `C` cached slots, `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { causalAttention, repeatHeads, rowLayout } from "../operations/mod.ts";
import type { Attend } from "./family.ts";
import type { PackedTokens } from "./packed_tokens.ts";

interface Layer {
  /** float32 `[B, K, C, D]`. */
  key: tf.Tensor4D;
  /** float32 `[B, K, C, D]`. */
  value: tf.Tensor4D;
}

/**
 * A cache for the rows of one batch. Rows begin in the first slots; those that are shorter than the longest prompt leave
 * slots that nobody ever looks at, so that a row's result does not depend on its neighbours.
 */
export class KeyValueCache {
  readonly #layers: Layer[] = [];
  /** Slots of each row's prompt. */
  #promptLengths: number[];
  /** Slots that prompts take: the longest prompt's. */
  readonly #promptSlots: number;
  readonly #prefixLength: number;
  #generated = 0;

  /** @param prompts The packed prompts; their lengths and shared prefix are what counts. */
  constructor({ rowLengths, prefixLength }: Pick<PackedTokens, "rowLengths" | "prefixLength">) {
    this.#promptLengths = [...rowLengths];
    this.#promptSlots = Math.max(...rowLengths);
    this.#prefixLength = prefixLength;
  }

  /** Where each row's next token stands in its row. */
  get nextPositions(): number[] {
    return this.#promptLengths.map((length) => length + this.#generated);
  }

  /** Attention for the pass over the prompts: causal, and remembering keys and values. */
  readonly attendPrompts: Attend = (layer, inputs, options) => {
    const { heads, keyValueHeads = heads } = options;
    this.#layers[layer] = {
      key: this.#spread(inputs.key, keyValueHeads),
      value: this.#spread(inputs.value, keyValueHeads),
    };
    return causalAttention(inputs, { ...options, rowLengths: this.#promptLengths, prefixLength: this.#prefixLength });
  };

  /** Attention for a pass over one new token a row. Call {@linkcode advance} after the pass. */
  readonly attendNext: Attend = (layer, inputs, options) => {
    const { heads, keyValueHeads = heads, window = 0, softCap = 0 } = options;
    const rows = this.#promptLengths.length;
    const perHead = (x: tf.Tensor, heads: number) => tf.reshape(x, [rows, heads, 1, -1]) as tf.Tensor4D;
    const query = perHead(inputs.query, heads);
    const { scale = 1 / Math.sqrt(query.shape[3]) } = options;
    const before = this.#layers[layer];
    const key = tf.keep(tf.concat([before.key, perHead(inputs.key, keyValueHeads)], 2));
    const value = tf.keep(tf.concat([before.value, perHead(inputs.value, keyValueHeads)], 2));
    tf.dispose([before.key, before.value]);
    this.#layers[layer] = { key, value };
    const times = heads / keyValueHeads;
    const scores = tf.mul(tf.matMul(query, repeatHeads(key, times), false, true), scale);
    const capped = softCap ? tf.mul(tf.tanh(tf.div(scores, softCap)), softCap) : scores;
    const probabilities = tf.softmax(tf.add(capped, this.#mask(window)));
    return tf.reshape(tf.matMul(probabilities, repeatHeads(value, times)), [rows, -1]);
  };

  /** Counts the token that a pass has added to each row. */
  advance(): void {
    this.#generated++;
  }

  /** Keeps some of the rows, in the order given; the others have ended. */
  select(rows: readonly number[]): void {
    const indices = tf.tensor1d([...rows], "int32");
    for (const layer of this.#layers) {
      const { key, value } = layer;
      layer.key = tf.gather(key, indices);
      layer.value = tf.gather(value, indices);
      tf.dispose([key, value]);
    }
    indices.dispose();
    this.#promptLengths = rows.map((row) => this.#promptLengths[row]);
  }

  /** Frees the cache. */
  dispose(): void {
    for (const layer of this.#layers) tf.dispose([layer.key, layer.value]);
    this.#layers.length = 0;
  }

  /** Packed `[S, K · D]` to `[B, K, promptSlots, D]`, kept beyond the running tidy. */
  #spread(x: tf.Tensor, heads: number): tf.Tensor4D {
    const rows = { rowLengths: this.#promptLengths, prefixLength: this.#prefixLength };
    const laid = rowLayout(rows, this.#promptLengths.map(() => this.#promptSlots)).lay(x);
    const perHead = tf.reshape(laid, [this.#promptLengths.length, this.#promptSlots, heads, -1]);
    return tf.keep(tf.transpose(perHead, [0, 2, 1, 3])) as tf.Tensor4D;
  }

  /** 0 for slots in use, a large negative number for the rest: float32 `[B, 1, 1, C]`, the new token's slot the last. */
  #mask(window: number): tf.Tensor {
    const rows = this.#promptLengths.length;
    const slots = this.#promptSlots + this.#generated + 1;
    const mask = new Float32Array(rows * slots);
    this.#promptLengths.forEach((length, row) => {
      const here = length + this.#generated;
      for (let slot = 0; slot < slots; slot++) {
        const position = slot < this.#promptSlots ? slot : length + slot - this.#promptSlots;
        const unused = slot < this.#promptSlots && slot >= length;
        if (unused || (window > 0 && position <= here - window)) mask[row * slots + slot] = -1e9;
      }
    });
    return tf.tensor(mask, [rows, 1, 1, slots]);
  }
}
