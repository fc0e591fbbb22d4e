/**
 * The key-value cache of generation, so that each new token costs one position.
 *
 * Shapes: `B` rows, `K` key-value heads, `C` slots in use, `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { causalAttention, packedPlaces, type RowPrefix } from "../../operations/mod.ts";
import type { Attend } from "../family.ts";
import { type LayerMemory, layerMemory } from "./layer_memory.ts";
import type { PackedTokens } from "../../batches/packed_tokens.ts";

/**
 * A cache for rows that are continued together. Rows end in the last slot; what shorter rows leave unused before is never
 * attended to, so a row's result does not depend on the other rows. A row that ended stays, and attends to nothing but
 * its own token, until the cache is joined.
 */
export class KeyValueCache {
  readonly #layers: LayerMemory[] = [];
  /** How many slots each row has in use; 0 for one that ended. */
  #lengths: number[];
  #ended: Set<number> = new Set();
  /** How many slots the row with most has. */
  #width: number;
  readonly #prefixes: readonly RowPrefix[];
  /** The masks of the current pass, by their window. */
  readonly #masks = new Map<number, tf.Tensor>();

  /** @param prompts The packed prompts; only their lengths and prefixes are used. */
  constructor({ rowLengths, prefixes }: Pick<PackedTokens, "rowLengths" | "prefixes">) {
    this.#lengths = [...rowLengths];
    this.#width = Math.max(...rowLengths);
    this.#prefixes = prefixes;
  }

  /** The position of each row's next token; 0 for a row that ended. */
  get nextPositions(): readonly number[] {
    return this.#lengths;
  }

  /** Attention for the pass over the prompts: causal, and storing keys and values. */
  readonly attendPrompts: Attend = (layer, inputs, options) => {
    const { heads, keyValueHeads = heads } = options;
    const memory = this.#layers[layer] = layerMemory();
    const rows = { rowLengths: this.#lengths, prefixes: this.#prefixes };
    tf.tidy(() => {
      const places = tf.tensor1d(packedPlaces(rows).flatMap((places) => this.#aligned(places)), "int32");
      const spread = (x: tf.Tensor) => {
        const perHead = tf.reshape(tf.gather(x, places), [this.#lengths.length, this.#width, keyValueHeads, -1]);
        return tf.transpose(perHead, [0, 2, 1, 3]) as tf.Tensor4D;
      };
      memory.append({ key: spread(inputs.key), value: spread(inputs.value) });
    });
    return causalAttention(inputs, { ...options, ...rows });
  };

  /** A row's places behind as many of its first as it is shorter than the longest. */
  #aligned(places: readonly number[]): number[] {
    return [...Array<number>(this.#width - places.length).fill(places[0]), ...places];
  }

  /** Attention for a pass over one new token per row. Call {@linkcode advance} after the pass. */
  readonly attendNext: Attend = (layer, inputs, options) => {
    const { heads, keyValueHeads = heads, window = 0, softCap = 0, sinks: ofHeads } = options;
    const rows = this.#lengths.length;
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
    this.#width++;
    this.#lengths = this.#lengths.map((length, row) => this.#ended.has(row) ? 0 : length + 1);
    this.#forgetMasks();
  }

  /** Ends a row, whose slots are then free. */
  end(row: number): void {
    this.#ended.add(row);
    this.#lengths[row] = 0;
  }

  /**
   * Keeps the given rows, in the given order, and takes rows of another cache behind them.
   *
   * @param rows The rows; with those of the other one at least one.
   */
  join(rows: readonly number[], other?: { cache: KeyValueCache; rows: readonly number[] }): void {
    const lengths = [
      ...rows.map((row) => this.#lengths[row]),
      ...other?.rows.map((row) => other.cache.#lengths[row]) ?? [],
    ];
    this.#layers.forEach((memory, layer) => {
      const parts = [{ memory, rows }];
      if (other) parts.push({ memory: other.cache.#layers[layer], rows: [...other.rows] });
      memory.join(parts.filter(({ rows }) => rows.length > 0), lengths);
    });
    this.#lengths = lengths;
    this.#width = Math.max(...lengths);
    this.#ended = new Set();
    this.#forgetMasks();
  }

  /** Frees the cache. */
  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
    this.#layers.length = 0;
    this.#forgetMasks();
  }

  /**
   * 0 for slots that a row may attend to, a large negative number for the rest: float32 `[B, 1, 1, C]`, the new token's
   * slot the last.
   */
  #mask(window: number): tf.Tensor {
    const known = this.#masks.get(window);
    if (known) return known;
    const slots = this.#width + 1;
    const mask = new Float32Array(this.#lengths.length * slots);
    this.#lengths.forEach((length, row) => {
      const seen = window > 0 ? Math.min(window, length + 1) : length + 1;
      mask.fill(-1e9, row * slots, (row + 1) * slots - seen);
    });
    const tensor = tf.keep(tf.tensor(mask, [this.#lengths.length, 1, 1, slots]));
    this.#masks.set(window, tensor);
    return tensor;
  }

  #forgetMasks(): void {
    tf.dispose([...this.#masks.values()]);
    this.#masks.clear();
  }
}
