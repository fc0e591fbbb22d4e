/**
 * What happens where memory does not suffice.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { TorchOutOfMemoryError } from "../../../lib/engines/torch/native_error.ts";
import { type Check, type Finding, notOk, ok, type Place } from "../check.ts";
import { start } from "../engine.ts";

/** More than any machine has, in numbers. */
const COUNT = 2 ** 46;

async function tooMuch(place: Place): Promise<Finding> {
  await start(place);
  try {
    tf.fill([COUNT], 1).dispose();
    return notOk(`${COUNT} numbers were allocated`);
  } catch (error) {
    if (!(error instanceof TorchOutOfMemoryError)) throw error;
    const { bytes } = error;
    const [sum] = tf.tidy(() => tf.sum(tf.range(0, 1000)).dataSync());
    if (sum !== 499500) return notOk("the engine computes no more after it");
    return ok(`${bytes === undefined ? "bytes unknown" : `${bytes} bytes`} refused, and the engine computes on`, {
      values: { message: error.message },
    });
  }
}

/** Memory that does not suffice. */
export const limits: Check = {
  name: "out-of-memory",
  group: "Training",
  about: "too large a tensor is an error that names the bytes, and the engine computes on",
  seconds: 30,
  skip: ({ engine }) => engine === "torch" ? undefined : "only torch says how much was asked for",
  cases: (place) => [{ name: "a tensor larger than memory", run: () => tooMuch(place) }],
};
