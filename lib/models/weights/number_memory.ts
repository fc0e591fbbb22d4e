/**
 * Memory for numbers on their way to the engine.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { NumberMemory } from "./tensor_source.ts";

/**
 * Gives the same memory for each tensor, more or less of it, where the engine in use copies the numbers that a tensor is
 * made from; else nothing. Fresh memory is slow to touch, and what is dropped is freed only when the runtime gets to it.
 *
 * @returns A function that returns `count` numbers of any value; those it returned before are no longer usable.
 */
export function numberMemory(): NumberMemory | undefined {
  if (!engineCopies()) return undefined;
  let buffer = new ArrayBuffer(0);
  return (count) => {
    const bytes = 4 * count;
    // Growing would copy what was there.
    if (bytes > buffer.byteLength) buffer.transfer(0);
    buffer = bytes > buffer.byteLength ? new ArrayBuffer(bytes) : buffer.transfer(bytes);
    return new Float32Array(buffer, 0, count);
  };
}

/** Whether the engine in use copies the numbers that a tensor is made from, so that their memory can be used again. */
function engineCopies(): boolean {
  const numbers = new Float32Array([1]);
  return tf.tidy(() => {
    const tensor = tf.tensor1d(numbers);
    numbers[0] = 2;
    return tensor.dataSync()[0] === 1;
  });
}
