import * as tf from "@tensorflow/tfjs-core";

/** The most bytes that tensors hold while something runs; tensorflow.js keeps the count, this listens to it. */
export async function peakBytes(body: () => void | Promise<void>): Promise<number> {
  const state = (tf.engine() as unknown as { state: { numBytes: number } }).state;
  let bytes = state.numBytes;
  let peak = bytes;
  const listening = {
    configurable: true,
    get: () => bytes,
    set(value: number) {
      bytes = value;
      peak = Math.max(peak, value);
    },
  };
  Object.defineProperty(state, "numBytes", listening);
  try {
    await body();
  } finally {
    Object.defineProperty(state, "numBytes", { configurable: true, writable: true, value: bytes });
  }
  return peak;
}
