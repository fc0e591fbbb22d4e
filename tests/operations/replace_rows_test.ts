import * as tf from "@tensorflow/tfjs-core";
import { replaceRows } from "../../lib/operations/mod.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assertAllClose, assertEquals } from "../support/mod.ts";

for (const [where, start] of Object.entries({ first: 0, middle: 1, last: 2 })) {
  testOnEngines(`replaceRows() replaces the ${where} rows and no others`, () => {
    const before = tf.memory().numTensors;
    const matrix = tf.tensor2d([[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]]), rows = tf.zeros([2, 3]) as tf.Tensor2D;
    const expected = Array.from({ length: 12 }, (_, i) => i >= 3 * start && i < 3 * (start + 2) ? 0 : i + 1);
    const result = replaceRows(matrix, { rows, start });
    assertEquals(result.shape, [4, 3]);
    assertAllClose(result, expected);
    tf.dispose([matrix, rows]);
    assertAllClose(result, expected); // also where it shares the matrix's memory
    result.dispose();
    assertEquals(tf.memory().numTensors, before);
  });
}

testOnEngines("replaceRows() of all rows is the rows", () => {
  const result = tf.tidy(() => replaceRows(tf.zeros([2, 2]), { rows: tf.tensor2d([[1, 2], [3, 4]]), start: 0 }));
  assertAllClose(result, [1, 2, 3, 4]);
  result.dispose();
});
