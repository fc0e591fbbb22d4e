/**
 * One layer's key-value cache in generation, in slots.
 *
 * Shapes: `B` rows, `K` key-value heads, `G` queries that share a key, `U` slots in use, `D` width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, joinSlots, putSlots, sinkSoftmax, slotAttention, softCap } from "../../operations/mod.ts";
import { ROOM } from "./cache_bytes.ts";

/** Keys and values of some slots. */
export interface Slots {
  /** float32 `[B, K, U, D]`. */
  key: tf.Tensor4D;
  /** float32 `[B, K, U, D]`. */
  value: tf.Tensor4D;
}

/** How a query attends to the slots. */
export interface LookOptions {
  /** 0 for a slot that a row may attend to, a large negative number for the others: float32 `[B, 1, 1, U]`. */
  mask: tf.Tensor;
  /** The factor on scores. */
  scale: number;
  /** The soft cap of scores; 0 for no cap. */
  softCap: number;
  /** The score of each query's sink, float32 `[1, K, G, 1]`, if heads have sinks. */
  sinks?: tf.Tensor;
}

/** A layer's slots. Its tensors survive an enclosing tidy. */
export interface LayerMemory {
  /** Appends slots; the caller keeps ownership of the tensors. */
  append(added: Slots): void;
  /** Attends to all slots in use: `[B, K, G, D]` to float32 `[B, K, G, D]`. */
  look(query: tf.Tensor4D, options: LookOptions): tf.Tensor4D;
  /** All slots, and how many of them are in use; they stay the memory's. */
  whole(): Slots & { used: number };
  /** Takes over rows of this memory and of others, each with its last slots. */
  join(parts: readonly RowsOfMemory[], lengths: readonly number[]): void;
  /** Frees the slots. */
  dispose(): void;
}

/** Some rows of a layer's slots. */
export interface RowsOfMemory {
  memory: LayerMemory;
  rows: readonly number[];
}

/** Creates a cache for the engine in use. */
export function layerMemory(): LayerMemory {
  return hasKernel("PutSlots") && hasKernel("SlotAttention") ? new RoomySlots() : new TwoBlocks();
}

/** Slots filled in place, on engines that support it. */
class RoomySlots implements LayerMemory {
  #slots?: Slots;
  #used = 0;

  append(added: Slots): void {
    const options = { slot: this.#used, capacity: this.#used + added.key.shape[2] + ROOM };
    const { key, value } = this.#slots ?? {};
    this.#slots = {
      key: tf.keep(putSlots(key, added.key, options)),
      value: tf.keep(putSlots(value, added.value, options)),
    };
    this.#used += added.key.shape[2];
  }

  look(query: tf.Tensor4D, { mask, ...options }: LookOptions): tf.Tensor4D {
    return slotAttention({ query, mask, ...this.#slots! }, options);
  }

  whole(): Slots & { used: number } {
    return { ...this.#slots!, used: this.#used };
  }

  join(parts: readonly RowsOfMemory[], lengths: readonly number[]): void {
    const joint = joined(parts, lengths);
    this.dispose();
    [this.#slots, this.#used] = [joint, Math.max(...lengths)];
  }

  dispose(): void {
    if (this.#slots) free(this.#slots);
    this.#slots = undefined;
  }
}

/** The maximum number of new slots before they are merged into the settled ones. */
const RECENT = 32;

/**
 * Slots in two tensors, on engines whose tensors cannot grow: there are few new ones, so appending copies little.
 */
class TwoBlocks implements LayerMemory {
  #settled?: Slots;
  #recent?: Slots;

  append(added: Slots): void {
    if (!this.#settled) {
      this.#settled = kept(added);
      return;
    }
    this.#recent = this.#recent ? behind(this.#recent, added) : kept(added);
    if (this.#recent.key.shape[2] < RECENT) return;
    this.#settled = behind(this.#settled, this.#recent);
    free(this.#recent);
    this.#recent = undefined;
  }

  look(query: tf.Tensor4D, { mask, scale, softCap: cap, sinks }: LookOptions): tf.Tensor4D {
    return tf.tidy(() => {
      const blocks = this.#blocks();
      const products = blocks.map(({ key }) => tf.matMul(query, key, false, true));
      const scores = products.length === 1 ? products[0] : tf.concat(products, 3);
      const chances = sinkSoftmax(tf.add(softCap(tf.mul(scores, scale), cap), mask), sinks);
      const parts = tf.split(chances, blocks.map(({ key }) => key.shape[2]), 3);
      const values = blocks.map(({ value }, i) => tf.matMul(parts[i], value));
      return (values.length === 1 ? values[0] : tf.add(values[0], values[1])) as tf.Tensor4D;
    });
  }

  whole(): Slots & { used: number } {
    if (this.#recent) {
      this.#settled = behind(this.#settled!, this.#recent);
      free(this.#recent);
      this.#recent = undefined;
    }
    return { ...this.#settled!, used: this.#settled!.key.shape[2] };
  }

  join(parts: readonly RowsOfMemory[], lengths: readonly number[]): void {
    const joint = joined(parts, lengths);
    this.dispose();
    this.#settled = joint;
  }

  dispose(): void {
    this.#blocks().forEach(free);
    this.#settled = this.#recent = undefined;
  }

  #blocks(): Slots[] {
    return [this.#settled, this.#recent].filter((block) => block !== undefined);
  }
}

const kept = ({ key, value }: Slots): Slots => ({ key: tf.keep(tf.clone(key)), value: tf.keep(tf.clone(value)) });

const free = ({ key, value }: Slots): void => tf.dispose([key, value]);

/** The slots of both blocks; the first one is freed. */
function behind(before: Slots, added: Slots): Slots {
  const joined = {
    key: tf.keep(tf.concat([before.key, added.key], 2)),
    value: tf.keep(tf.concat([before.value, added.value], 2)),
  };
  free(before);
  return joined;
}

/** Rows of several memories together. */
function joined(parts: readonly RowsOfMemory[], lengths: readonly number[]): Slots {
  const options = { lengths, capacity: Math.max(...lengths) + ROOM };
  const wholes = parts.map(({ memory, rows }) => ({ rows, ...memory.whole() }));
  const of = (part: "key" | "value") =>
    tf.keep(joinSlots(wholes.map(({ rows, used, ...slots }) => ({ rows, used, slots: slots[part] })), options));
  return { key: of("key"), value: of("value") };
}
