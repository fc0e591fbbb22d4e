/**
 * Reads one parameter from its tensor in a file.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { GgufTensorType } from "../../files/gguf/tensor_types.ts";
import { packedBits, type StoragePrecision } from "../../engines/engine.ts";
import { fillsByRows, roomForBlocks, roomForRows, writeBlocks, writeRows } from "../../operations/filled_by_rows.ts";
import { tensorMemory } from "../../kernels/tensor_memory.ts";
import { toVariable } from "./to_variable.ts";
import type { NumberMemory, TensorSource } from "./tensor_source.ts";

/** Options for {@linkcode readVariable}. */
export interface ReadVariableOptions {
  /** The parameter's shape. */
  shape: number[];
  /** Its storage on the engine. */
  precision: StoragePrecision;
  /** The result of {@linkcode roomFor}. */
  room?: tf.Tensor;
  /** The type of the room's blocks, where it is held as stored. */
  blocks?: GgufTensorType;
  /** Gives memory for numbers on their way; freshly allocated where it is absent. */
  memory?: NumberMemory;
}

/**
 * The number of values from which on a tensor is read a few rows at a time, and the approximate number read at once.
 */
const MOST_AT_ONCE = 2 ** 18;

/** The same where values are put into few bits: the memory that this takes on the way stays with the process. */
const MOST_PACKED_AT_ONCE = 2 ** 17;

/** How a parameter will be stored. */
export interface RoomOptions extends Pick<ReadVariableOptions, "precision"> {
  /** The type of the blocks in which it stays, where it is held as stored. */
  blocks?: GgufTensorType;
}

/**
 * Allocates a parameter that is read a few rows at a time, so that its values are hardly held twice: large ones, and
 * every matrix that is not stored in float32. All of a model's parameters are allocated before any is filled: otherwise
 * temporary tensors would leave gaps between them, which took as much memory as a quantised model.
 *
 * @returns The tensor; undefined if it is read at once, or the engine in use cannot fill by rows.
 */
export function roomFor(shape: number[], { precision, blocks }: RoomOptions): tf.Tensor | undefined {
  if (blocks !== undefined) return roomForBlocks(shape, blocks);
  const atOnce = precision === "float32" && tf.util.sizeFromShape(shape) <= MOST_AT_ONCE;
  return shape.length < 2 || atOnce || !fillsByRows() ? undefined : roomForRows(shape, precision);
}

/**
 * Reads a tensor as a variable.
 *
 * @throws {RangeError} If a value is not finite; the message names file, tensor and index.
 */
export async function readVariable(
  files: TensorSource,
  name: string,
  { shape, precision, room, memory, blocks }: ReadVariableOptions,
): Promise<tf.Variable> {
  const subject = `Cannot load ${files.path}: "${name}"`;
  if (room === undefined) {
    const numbers = await files.read(name, { memory });
    checkFinite(numbers, { subject, start: 0 });
    return toVariable(numbers, shape, precision);
  }
  const width = tf.util.sizeFromShape(shape.slice(1));
  const most = packedBits(precision) === undefined ? MOST_AT_ONCE : MOST_PACKED_AT_ONCE;
  const step = Math.max(1, Math.floor(most / width));
  for (let from = 0; from < shape[0]; from += step) {
    const to = Math.min(from + step, shape[0]);
    const numbers = await files.read(name, { rows: { from, to }, memory });
    checkFinite(numbers, { subject, start: from * width });
    if (blocks) {
      writeBlocks(room, { bytes: await files.readBlocks!(name, { from, to }), start: from });
      continue;
    }
    if (tensorMemory()?.write(room, numbers, from * width)) continue;
    const rows = tf.tensor(numbers, [to - from, ...shape.slice(1)], "float32");
    writeRows(room, { rows, start: from });
    rows.dispose();
  }
  return tf.variable(room);
}

function checkFinite(numbers: Float32Array, { subject, start }: { subject: string; start: number }): void {
  // NaN as soon as one value is not finite; four independent sums.
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
