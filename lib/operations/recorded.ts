/**
 * The gradient of a recorded computation, taken in a way that holds little memory.
 *
 * tensorflow.js keeps everything that a computation saved, and every gradient on the way, to the end of the backward
 * pass. Here each goes as soon as the pass is behind it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { addEmbeddingGradient } from "./embedding.ts";

/** An operation on tensorflow.js's tape. */
interface TapeNode {
  kernelName: string;
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  /** The gradients of the inputs by name, from those of the outputs; null stands for one that is 0. */
  gradient?: (outputGradients: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
  /** What the gradient is computed from. */
  saved?: tf.Tensor[];
}

/** The part of tensorflow.js's engine state that says what is being recorded. */
interface TapeState {
  activeTape?: TapeNode[];
  gradientDepth: number;
  kernelDepth: number;
}

/** A computation whose gradient can be taken, once. */
export class Recorded {
  /** What was computed. The caller frees it. */
  readonly value: tf.Tensor;
  #tape: TapeNode[];

  /** @param compute What is computed and recorded; it runs in a tidy of its own. */
  constructor(compute: () => tf.Tensor) {
    const state = (tf.engine() as unknown as { state: TapeState }).state;
    const { activeTape, gradientDepth, kernelDepth } = state;
    const tape: TapeNode[] = [];
    Object.assign(state, { activeTape: tape, gradientDepth: 1, kernelDepth: 0 });
    this.#tape = tape;
    try {
      this.value = tf.tidy(compute);
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      Object.assign(state, { activeTape, gradientDepth, kernelDepth });
    }
  }

  /**
   * Carries the gradient of some scalar in the value back to the sources, and frees what the recording held.
   *
   * @param valueGradient The gradient in the value, of the value's shape; it stays the caller's.
   * @param sources Tensors that the value was computed from.
   * @param options `sums` has what the gradients of some sources are added to, by the source's identifier: tensors that
   * have no other use, and are freed.
   * @returns The gradient in each source by its identifier; a source on which nothing depends has none. The caller frees
   * them.
   * @throws {Error} If an operation on the way has no gradient.
   */
  gradients(
    valueGradient: tf.Tensor,
    sources: readonly tf.Tensor[],
    { sums = new Map() }: { sums?: ReadonlyMap<number, tf.Tensor> } = {},
  ): Map<number, tf.Tensor> {
    const wanted = new Set(sources.map(({ id }) => id));
    const dependent = this.#dependentOn(wanted);
    const gradients = new Map<number, tf.Tensor>([[this.value.id, valueGradient], ...sums]);
    try {
      const found = tf.tidy(() => {
        for (let node = this.#tape.pop(); node; node = this.#tape.pop()) {
          try {
            passBack(node, { gradients, dependent, sums });
          } finally {
            tf.dispose(node.saved ?? []);
          }
          for (const { id } of node.outputs) {
            const used = gradients.get(id);
            if (used === undefined || wanted.has(id)) continue;
            gradients.delete(id);
            if (used !== valueGradient) used.dispose();
          }
        }
        return Object.fromEntries([...gradients].filter(([id]) => wanted.has(id)));
      });
      return new Map(Object.entries(found).map(([id, gradient]) => [Number(id), gradient]));
    } finally {
      this.dispose();
    }
  }

  /** Frees what the recording holds, where no gradient was taken. */
  dispose(): void {
    for (const { saved } of this.#tape) tf.dispose(saved ?? []);
    this.#tape = [];
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

/** Adds an operation's share to the gradients of its inputs. */
function passBack(
  { kernelName, inputs, outputs, gradient, saved }: TapeNode,
  { gradients, dependent, sums }: {
    gradients: Map<number, tf.Tensor>;
    dependent: ReadonlySet<number>;
    sums: ReadonlyMap<number, tf.Tensor>;
  },
): void {
  const needed = Object.entries(inputs).filter(([, { id }]) => dependent.has(id));
  const given = outputs.map(({ id }) => gradients.get(id) ?? null);
  if (needed.length === 0 || given.every((x) => x === null)) return;
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
      // Some operations hand on what they were given, which is freed after them.
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
    if (before) tf.dispose([before, made]);
  }
}
