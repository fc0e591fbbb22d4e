/**
 * Collectives on tensors through the process's memory, for engines whose tensors are in it or can be copied to it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { checkRank } from "./collective_checks.ts";
import type { Communicator, TensorCollectives } from "./communicator.ts";

/** The part of a communicator that tensors need. */
export type MemoryCollectives = Pick<Communicator, "size" | "allReduce" | "reduceScatter" | "allGather" | "broadcast">;

/**
 * Makes collectives on tensors from those on memory. Several tensors are sent as one message.
 *
 * @param memory The collectives on memory; if those are in flight when they return, so are these.
 */
export function tensorsThroughMemory(memory: MemoryCollectives): TensorCollectives {
  return {
    async allReduce(tensors) {
      const { numbers, shapes } = packed(tensors);
      await memory.allReduce(numbers);
      return unpacked(numbers, shapes);
    },
    async reduceScatter(whole) {
      const { numbers } = packed([whole]);
      if (numbers.length % memory.size !== 0) {
        const why = `its length must be a multiple of ${memory.size}, current value is ${numbers.length}`;
        throw new RangeError(`Cannot scatter a tensor among ranks: ${why}`);
      }
      const part = new Float32Array(numbers.length / memory.size);
      await memory.reduceScatter(numbers, part);
      return tf.tensor1d(part);
    },
    async allGather(part) {
      const { numbers } = packed([part]);
      const whole = new Float32Array(numbers.length * memory.size);
      await memory.allGather(numbers, whole);
      return tf.tensor1d(whole);
    },
    async broadcast(tensors, options = {}) {
      checkRank(options.root ?? 0, memory);
      const { numbers, shapes } = packed(tensors);
      await memory.broadcast(numbers, options);
      return unpacked(numbers, shapes);
    },
  };
}

/** Moves tensors into one array. */
function packed(tensors: readonly tf.Tensor[]): { numbers: Float32Array<ArrayBuffer>; shapes: number[][] } {
  const numbers = new Float32Array(tensors.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const tensor of tensors) {
    // Read synchronously, not awaited: the order in which ranks start their collectives must not depend on the engine.
    numbers.set(tensor.dataSync() as Float32Array, at);
    at += tensor.size;
    tensor.dispose();
  }
  return { numbers, shapes: tensors.map(({ shape }) => shape) };
}

function unpacked(numbers: Float32Array<ArrayBuffer>, shapes: readonly number[][]): tf.Tensor[] {
  let at = 0;
  // A copy: an engine may keep a reference to the array that a tensor was created from.
  return shapes.map((shape) => tf.tensor(numbers.slice(at, at += tf.util.sizeFromShape(shape)), shape, "float32"));
}
