/**
 * One parameter from its tensor in a file.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Precision } from "../../engines/engine.ts";
import { fillsByRows, roomForRows, writeRows } from "../../operations/filled_by_rows.ts";
import { toVariable } from "./to_variable.ts";
import type { NumberMemory, TensorSource } from "./tensor_source.ts";

/** Options for {@linkcode readVariable}. */
export interface ReadVariableOptions {
  /** The parameter's extents. */
  shape: number[];
  /** How the engine stores its numbers. */
  precision: Precision;
  /** Gives memory for numbers on their way; freshly allocated where it is absent. */
  memory?: NumberMemory;
}

/** Numbers from which on a tensor is read a few rows at a time, and about how many those hold. */
const MOST_AT_ONCE = 2 ** 21;

/**
 * Reads a tensor as a variable; a large one a few rows at a time where the engine in use can fill it so, so that its
 * numbers are hardly held twice.
 *
 * @throws {RangeError} If a number is not finite; the message names file, tensor and place.
 */
export async function readVariable(
  files: TensorSource,
  name: string,
  { shape, precision, memory }: ReadVariableOptions,
): Promise<tf.Variable> {
  const subject = `Cannot load ${files.path}: "${name}"`;
  const size = tf.util.sizeFromShape(shape);
  if (shape.length < 2 || size <= MOST_AT_ONCE || !fillsByRows()) {
    const numbers = await files.read(name, { memory });
    checkFinite(numbers, { subject, start: 0 });
    return toVariable(numbers, shape, precision);
  }
  const width = size / shape[0];
  const step = Math.max(1, Math.floor(MOST_AT_ONCE / width));
  const room = roomForRows(shape, precision);
  try {
    for (let from = 0; from < shape[0]; from += step) {
      const to = Math.min(from + step, shape[0]);
      const numbers = await files.read(name, { rows: { from, to }, memory });
      checkFinite(numbers, { subject, start: from * width });
      const rows = tf.tensor(numbers, [to - from, ...shape.slice(1)], "float32");
      writeRows(room, { rows, start: from });
      rows.dispose();
    }
    return tf.variable(room);
  } finally {
    room.dispose();
  }
}

function checkFinite(numbers: Float32Array, { subject, start }: { subject: string; start: number }): void {
  // NaN as soon as one number is not finite; four sums, each of which need not wait for the others.
  let [a, b, c, d] = [0, 0, 0, 0];
  const { length } = numbers;
  const whole = length - length % 4;
  for (let i = 0; i < whole; i += 4) {
    a += numbers[i] * 0;
    b += numbers[i + 1] * 0;
    c += numbers[i + 2] * 0;
    d += numbers[i + 3] * 0;
  }
  for (let i = whole; i < length; i++) a += numbers[i] * 0;
  if (a + b + c + d === 0) return;
  const culprit = numbers.findIndex((number) => !Number.isFinite(number));
  throw new RangeError(`${subject} holds ${numbers[culprit]} at index ${start + culprit}`);
}
