/**
 * How the processes of one run communicate: the interface of all communicators.
 *
 * The processes of a run are its ranks, numbered from 0. All of them call the same collectives in
 * the same order; a call returns when this rank's part is done.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";

/** The names of the communicators. */
export type CommunicatorName = "single" | "mpi" | "nccl";

/** Arrays in this process's memory that ranks can reduce. */
export type SharedNumbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Any array in this process's memory. */
export type SharedBytes = SharedNumbers | Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** How the values of several ranks are combined. */
export type Reduction = "sum" | "max" | "min";

/** Options for {@linkcode Communicator.allReduce}. */
export interface ReduceOptions {
  /**
   * How the ranks' values are combined.
   *
   * @default {"sum"}
   */
  operation?: Reduction;
}

/** Options for a broadcast. */
export interface BroadcastOptions {
  /**
   * The rank whose values all others receive.
   *
   * @default {0}
   */
  root?: number;
}

/**
 * Collectives on tensors in the engine's memory. Tensors are float32.
 *
 * Each call takes ownership of its arguments and frees them, or returns them changed; the caller frees the results.
 * Each is in flight when it returns, so that a call from within a backward pass overlaps with it; a result is available
 * when the promise resolves.
 */
export interface TensorCollectives {
  /** Sums each tensor over the ranks. The result is bitwise the same on every rank. */
  allReduce(tensors: readonly tf.Tensor[]): Promise<tf.Tensor[]>;
  /** Sums a tensor `[size · n]` over the ranks; rank r gets the part `[n]` that starts at `r · n`. */
  reduceScatter(whole: tf.Tensor1D): Promise<tf.Tensor1D>;
  /** Concatenates the ranks' tensors `[n]`: `[size · n]`. */
  allGather(part: tf.Tensor1D): Promise<tf.Tensor1D>;
  /** Gives every rank the tensors of one rank; the others' tensors only define the shapes. */
  broadcast(tensors: readonly tf.Tensor[], options?: BroadcastOptions): Promise<tf.Tensor[]>;
}

/** One rank's connection to all others. */
export interface Communicator {
  /** Which communicator this is. */
  readonly name: CommunicatorName;
  /** This process's rank, from 0. */
  readonly rank: number;
  /** The number of processes. */
  readonly size: number;
  /** The machine that this process runs on; empty if it does not matter. */
  readonly host: string;
  /** Collectives on the engine's tensors. */
  readonly tensors: TensorCollectives;
  /** Gives every rank the bytes of one rank, in place. */
  broadcast(data: SharedBytes, options?: BroadcastOptions): Promise<void>;
  /** Reduces numbers over the ranks, in place. The result is bitwise the same on every rank. */
  allReduce(numbers: SharedNumbers, options?: ReduceOptions): Promise<void>;
  /** Sums `whole`, `[size · n]`, over the ranks; rank r gets the slice that starts at `r · n` in `part`, `[n]`. */
  reduceScatter(whole: SharedNumbers, part: SharedNumbers): Promise<void>;
  /** Concatenates the ranks' parts, `[n]`, in `whole`, `[size · n]`. */
  allGather(part: SharedBytes, whole: SharedBytes): Promise<void>;
  /** Barrier: waits until every rank has called it. */
  barrier(): Promise<void>;
  /** Ends all ranks immediately, with an exit status. In a run of one rank it does nothing. */
  abort(status: number): void;
  /** Shuts down, after every rank has called it. */
  dispose(): void;
}

/** A communicator cannot be used here; the message says what is missing and how to get it. */
export class CommunicatorUnavailableError extends Error {
  /** The error's name. */
  override name = "CommunicatorUnavailableError";

  /**
   * Makes the error.
   *
   * @param communicator The communicator's name.
   * @param reason What is missing, and the remedy.
   */
  constructor(readonly communicator: CommunicatorName, readonly reason: string, options?: ErrorOptions) {
    super(`Cannot use the communicator "${communicator}": ${reason}`, options);
  }
}
