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

/** Numbers in this process's own memory that ranks can reduce. */
export type SharedNumbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Any data in this process's own memory. */
export type SharedBytes = SharedNumbers | Uint8Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** How numbers of several ranks become one. */
export type Reduction = "sum" | "max" | "min";

/** Options for {@linkcode Communicator.allReduce}. */
export interface ReduceOptions {
  /**
   * How the ranks' numbers become one.
   *
   * @default {"sum"}
   */
  operation?: Reduction;
}

/** Options for a broadcast. */
export interface BroadcastOptions {
  /**
   * The rank whose values all receive.
   *
   * @default {0}
   */
  root?: number;
}

/**
 * Collectives on tensors, where the engine keeps them. Tensors are float32.
 *
 * Each call takes ownership of its arguments and frees them, or returns them changed; the caller frees the results.
 * Each is in flight when it returns, so that a call from within a backward pass overlaps with it; a result is available
 * when the promise resolves.
 */
export interface TensorCollectives {
  /** Sums each tensor over the ranks. Every rank gets the same bits. */
  allReduce(tensors: readonly tf.Tensor[]): Promise<tf.Tensor[]>;
  /** Sums a tensor `[size · n]` over the ranks; rank r gets the part `[n]` that begins at `r · n`. */
  reduceScatter(whole: tf.Tensor1D): Promise<tf.Tensor1D>;
  /** Concatenates the ranks' tensors `[n]`: `[size · n]`. */
  allGather(part: tf.Tensor1D): Promise<tf.Tensor1D>;
  /** Gives every rank the tensors of one rank; the others' tensors only give the shapes. */
  broadcast(tensors: readonly tf.Tensor[], options?: BroadcastOptions): Promise<tf.Tensor[]>;
}

/** One rank's connection to all others. */
export interface Communicator {
  /** Which communicator this is. */
  readonly name: CommunicatorName;
  /** This process's number, from 0. */
  readonly rank: number;
  /** How many processes there are. */
  readonly size: number;
  /** The machine that this process runs on; empty if it does not matter. */
  readonly host: string;
  /** Collectives on the engine's tensors. */
  readonly tensors: TensorCollectives;
  /** Gives every rank the bytes of one rank, in place. */
  broadcast(data: SharedBytes, options?: BroadcastOptions): Promise<void>;
  /** Reduces numbers over the ranks, in place. Every rank gets the same bits. */
  allReduce(numbers: SharedNumbers, options?: ReduceOptions): Promise<void>;
  /** Sums `whole`, `[size · n]`, over the ranks; rank r gets in `part`, `[n]`, what begins at `r · n`. */
  reduceScatter(whole: SharedNumbers, part: SharedNumbers): Promise<void>;
  /** Concatenates the ranks' parts, `[n]`, in `whole`, `[size · n]`. */
  allGather(part: SharedBytes, whole: SharedBytes): Promise<void>;
  /** Waits until every rank has called it. */
  barrier(): Promise<void>;
  /** Ends all ranks at once, with an exit status. In a run of one rank it does nothing. */
  abort(status: number): void;
  /** Leaves: waits until every rank does. */
  dispose(): void;
}

/** A communicator cannot be used here; the message says what is missing and how to get it. */
export class CommunicatorUnavailableError extends Error {
  /** The error's name, as stacks show it. */
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
