/**
 * Reusable memory for values on their way to the engine.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { NumberMemory } from "./tensor_source.ts";

/**
 * Reuses the same memory for each tensor if the engine in use copies the values that a tensor is created from;
 * otherwise returns undefined. Fresh memory is slow to touch, and dropped memory is freed only by the garbage
 * collector.
 *
 * @returns A function that returns `count` uninitialized values; those it returned before are no longer valid.
 */
export function numberMemory(): NumberMemory | undefined {
  if (!engineCopies()) return undefined;
  let buffer = new ArrayBuffer(0);
  return (count) => {
    const bytes = 4 * count;
    // Growing would copy the old content.
    if (bytes > buffer.byteLength) buffer.transfer(0);
    buffer = bytes > buffer.byteLength ? new ArrayBuffer(bytes) : buffer.transfer(bytes);
    return new Float32Array(buffer, 0, count);
  };
}

/** Whether the engine in use copies the values that a tensor is created from, so that their memory can be reused. */
function engineCopies(): boolean {
  const numbers = new Float32Array([1]);
  return tf.tidy(() => {
    const tensor = tf.tensor1d(numbers);
    numbers[0] = 2;
    return tensor.dataSync()[0] === 1;
  });
}
