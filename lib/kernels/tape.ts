/**
 * Access to private parts of tensorflow.js's engine: the tape, on which it records operations for their gradients,
 * and the scope, which says which tensors a tidy frees. No other file touches either.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** An operation on the tape. */
export interface TapeNode {
  kernelName: string;
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  /** The gradients of the inputs by name, from those of the outputs; null stands for one that is 0. */
  gradient?: (outputGradients: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
  /** What the gradient is computed from. */
  saved?: tf.Tensor[];
}

/** A tape: what is recorded is pushed onto it. */
export interface Tape {
  push(node: TapeNode): void;
}

/** An operation, as {@linkcode addToTape} takes it. */
export interface NewOperation {
  /** Its name, for messages. */
  name: string;
  inputs: Record<string, tf.Tensor>;
  outputs: tf.Tensor[];
  /** The gradients of the inputs by name, from that of the output, or from those of several. */
  gradient: (outputGradients: tf.Tensor | tf.Tensor[]) => Record<string, () => tf.Tensor>;
  /** What the gradient is computed from, freed with the tape. */
  saved: tf.Tensor[];
}

interface PrivateEngine {
  state: {
    activeTape?: Tape;
    gradientDepth: number;
    kernelDepth: number;
    activeScope: unknown;
    scopeStack: unknown[];
  };
  isTapeOn(): boolean;
  addTapeNode(
    kernelName: string,
    inputs: Record<string, tf.Tensor>,
    outputs: tf.Tensor[],
    gradient: (outputGradients: tf.Tensor | tf.Tensor[]) => Record<string, () => tf.Tensor>,
    saved: tf.Tensor[],
    attrs: Record<string, never>,
  ): void;
}

const privateEngine = (): PrivateEngine => tf.engine() as unknown as PrivateEngine;

/** Whether operations are being recorded. */
export const isRecording = (): boolean => privateEngine().isTapeOn();

/** Runs something and records it on this tape; the previous tape continues afterwards. */
export const recordedOn = <Value>(tape: Tape, run: () => Value): Value =>
  withState({ activeTape: tape, gradientDepth: 1 }, run);

/** Runs something that is not recorded. */
export const unrecorded = <Value>(run: () => Value): Value => withState({ gradientDepth: 0 }, run);

/** Records an operation with a custom gradient. */
export function addToTape({ name, inputs, outputs, gradient, saved }: NewOperation): void {
  privateEngine().addTapeNode(name, inputs, outputs, gradient, saved, {});
}

/** Runs something in the scope around the current one, which frees the tensors that are made. */
export function inOuterScope<Value>(run: () => Value): Value {
  const { state } = privateEngine();
  const { activeScope, scopeStack } = state;
  state.activeScope = scopeStack.at(-2) ?? activeScope;
  try {
    return run();
  } finally {
    state.activeScope = activeScope;
  }
}

function withState<Value>(changes: Partial<PrivateEngine["state"]>, run: () => Value): Value {
  const { state } = privateEngine();
  const { activeTape, gradientDepth, kernelDepth } = state;
  Object.assign(state, { kernelDepth: 0, ...changes });
  try {
    return run();
  } finally {
    Object.assign(state, { activeTape, gradientDepth, kernelDepth });
  }
}
