/**
 * Tensors whose numbers lie in this process's memory, where an engine provides access to it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** Access to the memory of tensors. */
export interface TensorMemory {
  /**
   * Overwrites numbers where they lie, from the `start`th on.
   *
   * @returns False, and nothing is done, where they lie elsewhere or are not stored as float32 one after another.
   */
  write(tensor: tf.TensorInfo, numbers: Float32Array<ArrayBuffer>, start: number): boolean;
  /** The bytes that a tensor takes as it is stored. */
  bytesOf(tensor: tf.TensorInfo): number;
  /**
   * Takes the memory of tensors whose numbers are not set yet from the system, in a thread of its own: each page that is
   * written for the first time has to be taken from it, and that took longer than reading a model.
   *
   * @returns When all is taken; the tensors must live until then.
   */
  takeAhead(tensors: readonly tf.TensorInfo[]): Promise<void>;
}

/** The memory of the engine in use; undefined where it provides no access. */
export const tensorMemory = (): TensorMemory | undefined => (tf.backend() as { hostMemory?: TensorMemory }).hostMemory;
