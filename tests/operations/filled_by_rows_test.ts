import * as tf from "@tensorflow/tfjs-core";
import { currentAbilities } from "../../lib/engines/current_engine.ts";
import { packedBits } from "../../lib/engines/engine.ts";
import { fillsByRows, roomForRows, writeRows } from "../../lib/operations/filled_by_rows.ts";
import { testOnEngines } from "../engines/on_engines.ts";
import { assertAllClose, assertEquals } from "../support/mod.ts";

testOnEngines("writeRows() fills a matrix of every precision in place, in any order", () => {
  if (!fillsByRows()) return; // the engine takes whole tensors alone
  // Blocks as they are stored are written whole, by writeBlocks().
  for (const precision of currentAbilities().storage.filter((precision) => precision !== "stored")) {
    const matrix = roomForRows([5, 2, 4], precision);
    const numbers = (from: number, to: number) => Array.from({ length: 8 * (to - from) }, (_, i) => 8 * from + i);
    for (const [from, to] of [[3, 5], [0, 1], [1, 3]]) {
      const rows = tf.tensor(numbers(from, to), [to - from, 2, 4]);
      writeRows(matrix, { rows, start: from });
      rows.dispose();
    }
    assertEquals([matrix.shape, matrix.dtype], [[5, 2, 4], "float32"]);
    // In few bits a number is up to half a step of its group away.
    const atol = packedBits(precision) === undefined ? 0 : 39 / 127 / 2 + 1e-6;
    assertAllClose(tf.add(matrix, 0), numbers(0, 5), { atol, rtol: 0 });
    matrix.dispose();
  }
});
