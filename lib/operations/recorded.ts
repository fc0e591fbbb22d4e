/**
 * The gradient of a recorded computation, taken in a way that holds little memory.
 *
 * tensorflow.js keeps everything that a computation saved, and every gradient on the way, to the end of the backward
 * pass. Here each is freed as soon as the pass no longer needs it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { recordedOn, type TapeNode } from "../kernels/tape.ts";
import { addEmbeddingGradient } from "./embedding.ts";

/** Options for {@linkcode Recorded.gradients}. */
export interface RecordedGradientsOptions {
  /**
   * The gradients in what was computed beside the value, in its order; they stay the caller's.
   *
   * @default {0}
   */
  beside?: readonly tf.Tensor[];
  /**
   * What the gradients of some sources are added to, by the source's identifier: tensors that have no other use, and
   * are freed.
   */
  sums?: ReadonlyMap<number, tf.Tensor>;
  /**
   * Called with each source's gradient as soon as it is complete, during the pass. If it takes ownership, by returning
   * true, the gradient is not among the results.
   */
  onGradient?: (source: number, gradient: tf.Tensor) => boolean;
}

/** A computation whose gradient can be taken, once. */
export class Recorded {
  /** What was computed, the first of several. The caller frees it. */
  readonly value: tf.Tensor;
  /** What else was computed. The caller frees it. */
  readonly beside: readonly tf.Tensor[];
  #tape: TapeNode[];

  /** @param compute What is computed and recorded; it runs in its own tidy. */
  constructor(compute: () => tf.Tensor | tf.Tensor[]) {
    const tape: TapeNode[] = [];
    this.#tape = tape;
    try {
      [this.value, ...this.beside] = [recordedOn(tape, () => tf.tidy(compute))].flat();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Carries the gradient of some scalar in the value, and in what is beside it, back to the sources, and frees what the
   * recording held.
   *
   * @param valueGradient The gradient in the value, of the value's shape; it stays the caller's.
   * @param sources Tensors that the value was computed from.
   * @param options Tensors that gradients are added to, and a function that receives them at once.
   * @returns The gradient in each source by its identifier; a source on which nothing depends has none. The caller
   * frees them.
   * @throws {Error} If an operation on the way has no gradient.
   */
  gradients(
    valueGradient: tf.Tensor,
    sources: readonly tf.Tensor[],
    { beside = [], sums = new Map(), onGradient = () => false }: RecordedGradientsOptions = {},
  ): Map<number, tf.Tensor> {
    const wanted = new Set(sources.map(({ id }) => id));
    const dependent = this.#dependentOn(wanted);
    const lastShare = this.#firstUses(wanted);
    const given = new Set([valueGradient, ...beside]);
    const gradients = new Map<number, tf.Tensor>([[this.value.id, valueGradient], ...sums]);
    beside.forEach((gradient, i) => gradients.set(this.beside[i].id, gradient));
    try {
      for (let node = this.#tape.pop(); node; node = this.#tape.pop()) {
        const current = node;
        try {
          tf.tidy(() => passBack(current, { gradients, dependent, sums, given }));
        } finally {
          tf.dispose(current.saved ?? []);
        }
        for (const { id } of current.outputs) {
          const used = gradients.get(id);
          if (used === undefined || wanted.has(id)) continue;
          gradients.delete(id);
          if (!given.has(used)) used.dispose();
        }
        for (const id of lastShare.get(current) ?? []) {
          const whole = gradients.get(id);
          if (whole && onGradient(id, whole)) gradients.delete(id);
        }
      }
      return new Map([...gradients].filter(([id]) => wanted.has(id)));
    } catch (error) {
      for (const gradient of gradients.values()) if (!given.has(gradient)) gradient.dispose();
      throw error;
    } finally {
      this.dispose();
    }
  }

  /** Frees what the recording holds, where no gradient was taken. */
  dispose(): void {
    for (const { saved } of this.#tape) tf.dispose(saved ?? []);
    this.#tape = [];
  }

  /** The sources that an operation is the first to use: going back, it is the last to add to their gradients. */
  #firstUses(sources: ReadonlySet<number>): Map<TapeNode, number[]> {
    const seen = new Set<number>();
    const uses = new Map<TapeNode, number[]>();
    for (const node of this.#tape) {
      const fresh = Object.values(node.inputs).map(({ id }) => id).filter((id) => sources.has(id) && !seen.has(id));
      if (fresh.length > 0) uses.set(node, [...new Set(fresh)]);
      fresh.forEach((id) => seen.add(id));
    }
    return uses;
  }

  /** Everything that was computed from the sources, themselves included. */
  #dependentOn(sources: ReadonlySet<number>): Set<number> {
    const found = new Set(sources);
    for (const { inputs, outputs } of this.#tape) {
      if (Object.values(inputs).some(({ id }) => found.has(id))) { for (const { id } of outputs) found.add(id); }
    }
    return found;
  }
}

/** Ways to add an input's share to a sum in place, by operation and input. */
const growing: Record<string, (sum: tf.Tensor, dy: tf.Tensor, saved: readonly tf.Tensor[]) => tf.Tensor> = {
  "Embedding.table": addEmbeddingGradient,
};

/** Adds an operation's share to the gradients of its inputs, and gives those that it made. */
function passBack(
  { kernelName, inputs, outputs, gradient, saved }: TapeNode,
  { gradients, dependent, sums, given: lasting }: {
    gradients: Map<number, tf.Tensor>;
    dependent: ReadonlySet<number>;
    sums: ReadonlyMap<number, tf.Tensor>;
    given: ReadonlySet<tf.Tensor>;
  },
): tf.Tensor[] {
  const needed = Object.entries(inputs).filter(([, { id }]) => dependent.has(id));
  const given = outputs.map(({ id }) => gradients.get(id) ?? null);
  if (needed.length === 0 || given.every((x) => x === null)) return [];
  if (!gradient) throw new Error(`Cannot compute gradients: the operation ${kernelName} has none`);
  const parts = gradient(given);
  const owned: (tf.Tensor | null)[] = [...given, ...saved ?? []];
  for (const [name, { id, shape }] of needed) {
    const before = gradients.get(id);
    const grow = sums.has(id) ? growing[`${kernelName}.${name}`] : undefined;
    if (grow) {
      gradients.set(id, grow(before!, given[0]!, saved!));
      continue;
    }
    if (!(name in parts)) {
      throw new Error(`Cannot compute gradients: the operation ${kernelName} has none for its input ${name}`);
    }
    const made = tf.tidy(() => {
      const part = parts[name]();
      // Some operations return their inputs, which are freed after them.
      return owned.includes(part) ? tf.clone(part) : part;
    });
    owned.push(made);
    if (made.shape.join() !== shape.join()) {
      throw new Error(
        `Cannot compute gradients: the operation ${kernelName} gives its input ${name} of shape [${shape}] ` +
          `a gradient of shape [${made.shape}]`,
      );
    }
    gradients.set(id, before ? tf.add(before, made) : made);
    if (before) tf.dispose(lasting.has(before) ? made : [before, made]);
  }
  return needed.map(([, { id }]) => gradients.get(id)!);
}
