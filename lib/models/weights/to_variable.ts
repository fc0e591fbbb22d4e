/**
 * Makes a parameter from values.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { packedBits, type StoragePrecision } from "../../engines/engine.ts";
import { roomForRows, writeRows } from "../../operations/filled_by_rows.ts";
import { lowPrecision } from "../../operations/low_precision.ts";

/**
 * A variable with a unique name, since names in tensorflow.js are global; the tensor it is made from is freed. Vectors
 * are always float32.
 */
export function toVariable(
  numbers: Float32Array,
  shape: number[],
  precision: StoragePrecision = "float32",
): tf.Variable {
  return tf.tidy(() => {
    const tensor = tf.tensor(numbers, shape, "float32");
    if (packedBits(precision) !== undefined && shape.length > 1) {
      const room = roomForRows(shape, precision);
      writeRows(room, { rows: tensor, start: 0 });
      return tf.variable(room);
    }
    return tf.variable(precision === "bfloat16" && shape.length > 1 ? lowPrecision(tensor) : tensor);
  });
}
