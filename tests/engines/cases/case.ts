/**
 * What a case of the conformance suite is: an operation with its inputs, the same on every engine.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** An input: a shape, filled with numbers spread between two bounds. */
export interface Input {
  shape: number[];
  /** @default {-2} */
  from?: number;
  /** @default {2} */
  to?: number;
}

/** An operation to be compared with the reference engine. */
export interface Case {
  /** The operation, as `tf.<name>`, and after a colon what is special about this use of it. */
  name: string;
  inputs: Input[];
  run: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  /**
   * Whether the gradient is compared too.
   *
   * @default {true}
   */
  gradient?: boolean;
  /** @default {1e-4} */
  rtol?: number;
  /** @default {1e-5} */
  atol?: number;
}

/** Numbers spread evenly between the bounds in an irregular order, none twice, the same everywhere. */
export function fill({ shape, from = -2, to = 2 }: Input, index = 0): Float32Array {
  const size = tf.util.sizeFromShape(shape);
  const golden = 0.6180339887498949;
  return Float32Array.from({ length: size }, (_, i) => from + (to - from) * (((i + 1 + 17 * index) * golden) % 1));
}

/** A shape with the standard bounds, or those given. */
export function of(...shape: number[]): Input & { within(from: number, to: number): Input } {
  return { shape, within: (from, to) => ({ shape, from, to }) };
}

/** A constant of whole numbers. */
export function ints(values: number[], shape: number[] = [values.length]): tf.Tensor {
  return tf.tensor(values, shape, "int32");
}

/** A constant of floats, where infinities and exact values matter. */
export function floats(values: number[], shape: number[] = [values.length]): tf.Tensor {
  return tf.tensor(values, shape, "float32");
}
