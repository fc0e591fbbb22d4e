import * as tf from "@tensorflow/tfjs-core";
import { numberMemory } from "../../../lib/models/weights/number_memory.ts";
import { testOnEngines } from "../../engines/on_engines.ts";
import { assertAllClose, assertEquals } from "../../support/mod.ts";

testOnEngines(
  "numberMemory() returns memory of any size in turn, which leaves tensors made from it as they are",
  () => {
    const memory = numberMemory();
    if (!memory) return; // the engine keeps the numbers themselves
    const tensors = [5, 3, 9, 9].map((count, i) => {
      const numbers = memory(count);
      assertEquals(numbers.length, count);
      return tf.tensor1d(numbers.fill(i));
    });
    tensors.forEach((tensor, i) => assertAllClose(tensor, Array(tensor.size).fill(i)));
    tf.dispose(tensors);
  },
);
