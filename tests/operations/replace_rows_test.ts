import * as tf from "@tensorflow/tfjs-core";
import { lowPrecision, replaceRows } from "../../lib/operations/mod.ts";
import { testOnTorch } from "../engines/torch/support.ts";
import { assertAllClose, assertEquals } from "../support/mod.ts";

const NUMBERS = [[1, 2, 3], [4, 5, 6], [7, 8, 9], [10, 11, 12]];

for (const [where, start] of Object.entries({ first: 0, middle: 1, last: 2 })) {
  testOnTorch(`replaceRows() replaces the ${where} rows and no others, in place`, () => {
    const before = tf.memory().numTensors;
    const matrix = tf.tensor2d(NUMBERS), rows = tf.zeros([2, 3]) as tf.Tensor2D;
    const expected = NUMBERS.flat().map((number, i) => i >= 3 * start && i < 3 * (start + 2) ? 0 : number);
    const result = replaceRows(matrix, { rows, start });
    assertEquals([result.shape, result.dataId], [[4, 3], matrix.dataId]);
    tf.dispose([matrix, rows]);
    assertAllClose(result, expected);
    result.dispose();
    assertEquals(tf.memory().numTensors, before);
  });
}

testOnTorch("replaceRows() of a matrix in bfloat16 keeps the rows in float32, and the matrix as it was", () => {
  const before = tf.memory().numTensors;
  const low = tf.tidy(() => lowPrecision(tf.tensor2d(NUMBERS))) as tf.Tensor2D, rows = tf.fill([1, 3], 1.001);
  const result = replaceRows(low, { rows: rows as tf.Tensor2D, start: 2 });
  assertAllClose(result, [1, 2, 3, 4, 5, 6, 1.001, 1.001, 1.001, 10, 11, 12], { atol: 1e-6 });
  assertAllClose(low, NUMBERS.flat());
  tf.dispose([low, rows, result]);
  assertEquals(tf.memory().numTensors, before);
});
