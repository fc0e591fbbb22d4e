/**
 * Copies of weights in the order in which oneDNN reads them, for as long as many products of few rows are made.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Handle } from "./operators.ts";
import { dtypes } from "./symbols.ts";
import type { Torch } from "./torch.ts";

/** What is needed of a backend. */
interface Weights {
  readonly torch: Torch;
  /** What stands behind a tensor that is stored in few bits. */
  packed(tensor: tf.TensorInfo): unknown;
  /** The tensor as products take it. */
  operand(tensor: tf.TensorInfo): Handle;
}

/** A weight that is ready. */
export interface ReadyWeight {
  /** It goes into oneDNN's linear layer alone. */
  readonly handle: Handle;
  /** Whether the weight has the layout `[I, O]`. */
  readonly inputFirst: boolean;
  /** Whether it is in bfloat16. */
  readonly low: boolean;
}

/** The weights that are ready. */
export class ReadyWeights {
  readonly #backend: Weights;
  readonly #weights = new Map<tf.DataId, ReadyWeight & { users: number }>();

  /** @param backend Whose weights they are. */
  constructor(backend: Weights) {
    this.#backend = backend;
  }

  /**
   * Makes a weight ready, in the type of its products, until it was given up as often. A weight in few bits stays as it
   * is, and all do where this libtorch or this processor has no such products.
   */
  make(weight: tf.TensorInfo, { inputFirst }: { inputFirst: boolean }): void {
    const known = this.#weights.get(weight.dataId);
    if (known) {
      known.users++;
      return;
    }
    const { torch } = this.#backend;
    if (!torch.hasLinear || weight.shape.length !== 2 || this.#backend.packed(weight)) return;
    const matrix = this.#backend.operand(weight);
    const low = torch.dtype(matrix) === dtypes.bfloat16;
    if (low && !torch.library.processor.bfloat16) return;
    const [step, element] = torch.strides(matrix, 2);
    const [first, second] = weight.shape;
    const outputFirst = inputFirst ? torch.view(matrix, [second, first], [element, step]) : matrix;
    const handle = torch.keep(torch.call("readyWeight", outputFirst, null));
    this.#weights.set(weight.dataId, { handle, inputFirst, low, users: 1 });
  }

  /** Gives a weight up; it is freed when all users have. */
  release(weight: tf.TensorInfo): void {
    const known = this.#weights.get(weight.dataId);
    if (known && --known.users === 0) this.forget(weight);
  }

  /** Frees a weight, for it is no longer what it was. */
  forget({ dataId }: tf.TensorInfo): void {
    const known = this.#weights.get(dataId);
    if (known) this.#backend.torch.release(known.handle);
    this.#weights.delete(dataId);
  }

  /** The weight, if it is ready. */
  get({ dataId }: tf.TensorInfo): ReadyWeight | undefined {
    return this.#weights.get(dataId);
  }
}
