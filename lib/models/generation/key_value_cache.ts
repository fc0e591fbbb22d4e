/**
 * The key-value cache of generation, so that each new token costs one position.
 *
 * Shapes: `B` rows, `K` key-value heads, `C` cached slots, `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { causalAttention, rowLayout, type RowPrefix } from "../../operations/mod.ts";
import type { Attend } from "../family.ts";
import { type LayerMemory, layerMemory } from "./layer_memory.ts";
import type { PackedTokens } from "../../batches/packed_tokens.ts";

/**
 * A cache for the rows of one batch. Rows start in the first slots; rows shorter than the longest prompt leave unused
 * slots that are never attended to, so a row's result does not depend on the other rows.
 */
export class KeyValueCache {
  readonly #layers: LayerMemory[] = [];
  /** Slots of each row's prompt. */
  #promptLengths: number[];
  /** Slots reserved for prompts: the longest prompt's length. */
  readonly #promptSlots: number;
  readonly #prefixes: readonly RowPrefix[];
  #generated = 0;
  /** The masks of the current pass, by their window. */
  readonly #masks = new Map<number, tf.Tensor>();

  /** @param prompts The packed prompts; only their lengths and prefixes are used. */
  constructor({ rowLengths, prefixes }: Pick<PackedTokens, "rowLengths" | "prefixes">) {
    this.#promptLengths = [...rowLengths];
    this.#promptSlots = Math.max(...rowLengths);
    this.#prefixes = prefixes;
  }

  /** The position of each row's next token. */
  get nextPositions(): number[] {
    return this.#promptLengths.map((length) => length + this.#generated);
  }

  /** Attention for the pass over the prompts: causal, and storing keys and values. */
  readonly attendPrompts: Attend = (layer, inputs, options) => {
    const { heads, keyValueHeads = heads } = options;
    const spread = (x: tf.Tensor) => this.#spread(x, keyValueHeads);
    const memory = this.#layers[layer] = layerMemory();
    tf.tidy(() => memory.append({ key: spread(inputs.key), value: spread(inputs.value) }));
    return causalAttention(inputs, { ...options, rowLengths: this.#promptLengths, prefixes: this.#prefixes });
  };

  /** Attention for a pass over one new token per row. Call {@linkcode advance} after the pass. */
  readonly attendNext: Attend = (layer, inputs, options) => {
    const { heads, keyValueHeads = heads, window = 0, softCap = 0, sinks: ofHeads } = options;
    const rows = this.#promptLengths.length;
    const perHead = (x: tf.Tensor, each: number) => tf.reshape(x, [rows, keyValueHeads, each, -1]) as tf.Tensor4D;
    // Queries that share keys are the rows of one matrix.
    const query = perHead(inputs.query, heads / keyValueHeads);
    const { scale = 1 / Math.sqrt(query.shape[3]) } = options;
    const memory = this.#layers[layer];
    memory.append({ key: perHead(inputs.key, 1), value: perHead(inputs.value, 1) });
    const sinks = ofHeads && tf.reshape(ofHeads, [1, keyValueHeads, heads / keyValueHeads, 1]);
    return tf.reshape(memory.look(query, { mask: this.#mask(window), scale, softCap, sinks }), [rows, -1]);
  };

  /** Counts the token that a pass has added to each row. */
  advance(): void {
    this.#generated++;
    tf.dispose([...this.#masks.values()]);
    this.#masks.clear();
  }

  /** Keeps the given rows, in the given order; the others are finished. */
  select(rows: readonly number[]): void {
    const indices = tf.tensor1d([...rows], "int32");
    for (const layer of this.#layers) layer.select(indices);
    indices.dispose();
    this.#promptLengths = rows.map((row) => this.#promptLengths[row]);
  }

  /** Frees the cache. */
  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
    tf.dispose([...this.#masks.values()]);
    this.#layers.length = 0;
    this.#masks.clear();
  }

  /** Packed `[S, K · D]` to `[B, K, promptSlots, D]`. */
  #spread(x: tf.Tensor, heads: number): tf.Tensor4D {
    const rows = { rowLengths: this.#promptLengths, prefixes: this.#prefixes };
    const laid = rowLayout(rows, this.#promptLengths.map(() => this.#promptSlots)).lay(x);
    const perHead = tf.reshape(laid, [this.#promptLengths.length, this.#promptSlots, heads, -1]);
    return tf.transpose(perHead, [0, 2, 1, 3]) as tf.Tensor4D;
  }

  /**
   * 0 for slots in use, a large negative number for the rest: float32 `[B, 1, 1, C]`, the new token's slot the last.
   */
  #mask(window: number): tf.Tensor {
    const known = this.#masks.get(window);
    if (known) return known;
    const rows = this.#promptLengths.length;
    const slots = this.#promptSlots + this.#generated + 1;
    const mask = new Float32Array(rows * slots);
    this.#promptLengths.forEach((length, row) => {
      // Slots after a shorter prompt are unused; with a window, so are the prompt's first.
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
