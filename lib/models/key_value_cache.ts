/**
 * Keys and values of the positions that generation has passed, so that each new token costs one position.
 *
 * Shapes: `B` rows, `K` key-value heads, `C` cached slots, `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { causalAttention, rowLayout, softCap } from "../operations/mod.ts";
import type { Attend } from "./family.ts";
import type { PackedTokens } from "./packed_tokens.ts";

/** Keys and values of some slots. */
interface Block {
  /** float32 `[B, K, C, D]`. */
  key: tf.Tensor4D;
  /** float32 `[B, K, C, D]`. */
  value: tf.Tensor4D;
}

/** What a layer remembers, in the order of the slots. */
interface Layer {
  /** The prompts' slots, and those of tokens that have been put behind them. */
  settled: Block;
  /** The slots of the newest tokens: few, so that a new one behind them costs little copying. */
  recent?: Block;
}

/** Slots that are newest at most; then they are put behind the settled ones. */
const RECENT = 32;

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
  /** The masks of the pass at hand, by their window. */
  readonly #masks = new Map<number, tf.Tensor>();

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
    const settled = { key: this.#spread(inputs.key, keyValueHeads), value: this.#spread(inputs.value, keyValueHeads) };
    this.#layers[layer] = { settled };
    return causalAttention(inputs, { ...options, rowLengths: this.#promptLengths, prefixLength: this.#prefixLength });
  };

  /** Attention for a pass over one new token a row. Call {@linkcode advance} after the pass. */
  readonly attendNext: Attend = (layer, inputs, options) => {
    const { heads, keyValueHeads = heads, window = 0, softCap: cap = 0 } = options;
    const rows = this.#promptLengths.length;
    const perHead = (x: tf.Tensor, each: number) => tf.reshape(x, [rows, keyValueHeads, each, -1]) as tf.Tensor4D;
    // Queries that share keys are the rows of one matrix.
    const query = perHead(inputs.query, heads / keyValueHeads);
    const { scale = 1 / Math.sqrt(query.shape[3]) } = options;
    const blocks = this.#append(layer, { key: perHead(inputs.key, 1), value: perHead(inputs.value, 1) });
    const products = blocks.map(({ key }) => tf.matMul(query, key, false, true));
    const scores = softCap(tf.mul(joined(products, 3), scale), cap);
    const probabilities = tf.softmax(tf.add(scores, this.#mask(window)));
    const parts = tf.split(probabilities, blocks.map(({ key }) => key.shape[2]), 3);
    const values = blocks.map(({ value }, i) => tf.matMul(parts[i], value));
    return tf.reshape(values.length === 1 ? values[0] : tf.add(values[0], values[1]), [rows, -1]);
  };

  /** Counts the token that a pass has added to each row. */
  advance(): void {
    this.#generated++;
    tf.dispose([...this.#masks.values()]);
    this.#masks.clear();
  }

  /** Keeps some of the rows, in the order given; the others have ended. */
  select(rows: readonly number[]): void {
    const indices = tf.tensor1d([...rows], "int32");
    for (const layer of this.#layers) {
      for (const block of [layer.settled, layer.recent]) {
        if (!block) continue;
        const { key, value } = block;
        [block.key, block.value] = [tf.gather(key, indices), tf.gather(value, indices)];
        tf.dispose([key, value]);
      }
    }
    indices.dispose();
    this.#promptLengths = rows.map((row) => this.#promptLengths[row]);
  }

  /** Frees the cache. */
  dispose(): void {
    for (const { settled, recent } of this.#layers) {
      tf.dispose([settled.key, settled.value]);
      if (recent) tf.dispose([recent.key, recent.value]);
    }
    tf.dispose([...this.#masks.values()]);
    this.#layers.length = 0;
    this.#masks.clear();
  }

  /** Puts a slot behind the others, and gives the blocks there are then. */
  #append(index: number, added: Block): Block[] {
    const layer = this.#layers[index];
    const { settled, recent } = layer;
    layer.recent = recent ? behind(recent, added) : kept(added);
    if (layer.recent.key.shape[2] >= RECENT) {
      layer.settled = behind(settled, layer.recent);
      tf.dispose([layer.recent.key, layer.recent.value]);
      layer.recent = undefined;
    }
    return layer.recent ? [layer.settled, layer.recent] : [layer.settled];
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
    const known = this.#masks.get(window);
    if (known) return known;
    const rows = this.#promptLengths.length;
    const slots = this.#promptSlots + this.#generated + 1;
    const mask = new Float32Array(rows * slots);
    this.#promptLengths.forEach((length, row) => {
      // Slots behind a shorter prompt are nobody's; with a window, so are the prompt's first.
      mask.fill(-1e9, row * slots + length, row * slots + this.#promptSlots);
      const unseen = window > 0 ? length + this.#generated + 1 - window : 0;
      mask.fill(-1e9, row * slots, row * slots + Math.min(Math.max(unseen, 0), length));
      if (unseen > length) {
        mask.fill(-1e9, row * slots + this.#promptSlots, row * slots + this.#promptSlots + unseen - length);
      }
    });
    const tensor = tf.keep(tf.tensor(mask, [rows, 1, 1, slots]));
    this.#masks.set(window, tensor);
    return tensor;
  }
}

const joined = (parts: tf.Tensor[], axis: number): tf.Tensor => parts.length === 1 ? parts[0] : tf.concat(parts, axis);

const kept = ({ key, value }: Block): Block => ({ key: tf.keep(tf.clone(key)), value: tf.keep(tf.clone(value)) });

/** The slots of both blocks; the first one is freed. */
function behind(before: Block, added: Block): Block {
  const block = {
    key: tf.keep(tf.concat([before.key, added.key], 2)),
    value: tf.keep(tf.concat([before.value, added.value], 2)),
  };
  tf.dispose([before.key, before.value]);
  return block;
}
