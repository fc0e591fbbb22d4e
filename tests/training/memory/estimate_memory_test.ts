import * as tf from "@tensorflow/tfjs-core";
import { corpusRows, loadCorpus } from "../../../lib/datasets/corpus.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import type { LanguageModel } from "../../../lib/models/language_model.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { type BatchExtent, batchExtent } from "../../../lib/batches/batch_extent.ts";
import { estimateMemory } from "../../../lib/training/memory/estimate_memory.ts";
import { Trainer } from "../../../lib/training/step/trainer.ts";
import { batches } from "../../../lib/batches/batches.ts";
import type { Row } from "../../../lib/batches/row.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";
import { peakBytes } from "../../support/peak_bytes.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

interface Pair {
  student: LanguageModel;
  teacher: LanguageModel;
}

/** The measured peak of some steps over the estimate, both without what other tests have left on the engine. */
async function measuredOverEstimate(
  { student, teacher }: Pair,
  rows: Row[],
  { batchSize, recompute = false }: { batchSize: number; recompute?: boolean },
): Promise<number> {
  const others = tf.memory().numBytes - 4 * (student.parameterCount + teacher.parameterCount);
  const objective_ = objective("amid", { alpha: 0, lambda: 0.1 });
  const peak = await peakBytes(async () => {
    const options = { student, teacher, objective: objective_, totalSteps: 5, optimizer: { learningRate: 1e-3 } };
    const trainer = new Trainer({ ...options, recompute });
    for (const batch of batches(rows, { batchSize, seed: 1, window: 1 }).take(3)) await trainer.step(batch.rows);
    trainer.dispose();
  });
  const batch = batchExtent(rows, { batchSize, seed: 1, steps: 3 });
  return (peak - others) / estimateMemory({ student, teacher, batch, recompute }).peak;
}

Deno.test("estimateMemory() is within a factor of 1.5 of the peak of the built-in pair, on wasm", async () => {
  const pair = { teacher: await loadModel("data/teacher"), student: await loadModel("data/student-start") };
  const { train } = await loadCorpus("wordnet", { counts: { train: 64 }, seed: 1 });
  const rows = corpusRows(train, await loadTokenizer("data/tokenizer"));
  for (const batchSize of [4, 16]) {
    const ratio = await measuredOverEstimate(pair, rows, { batchSize });
    assert(
      ratio > 1 / 1.5 && ratio < 1.5,
      `with ${batchSize} rows a step, the peak is ${ratio.toFixed(2)} of the estimate`,
    );
  }
});

Deno.test("estimateMemory() is within a factor of 1.5 of the peak of models deep, wide or with a large vocabulary", async () => {
  const shapes = [{ n_layer: 6 }, { n_layer: 14 }, { n_embd: 96, n_head: 8 }, { vocab_size: 3000 }];
  for (const shape of shapes) {
    const pair = { student: tinyModel(1, shape), teacher: tinyModel(2, shape) };
    for (const recompute of [false, true]) {
      const ratio = await measuredOverEstimate(pair, tinyRows(40), { batchSize: 8, recompute });
      const what = `${JSON.stringify(shape)}${recompute ? ", recomputed" : ""}`;
      assert(ratio > 1 / 1.5 && ratio < 1.5, `${what}: the peak is ${ratio.toFixed(2)} of the estimate`);
    }
  }
});

const batch: BatchExtent = { rows: 4, longestRow: 10, positions: 30, keptTokens: 12 };

Deno.test("estimateMemory() knows parameters, moments, gradients and kept states exactly", () => {
  const [student, teacher] = [tinyModel(1), tinyModel(2, { n_embd: 32 })];
  const parameters = 4 * student.parameterCount;
  const estimate = estimateMemory({ student, teacher, batch, cachedTokens: 100 });
  assertEquals([estimate.student, estimate.optimizer, estimate.gradients], [parameters, 2 * parameters, parameters]);
  assertEquals([estimate.teacher, estimate.teacherCache], [4 * teacher.parameterCount, 4 * 32 * 100]);
  assertEquals(estimateMemory({ student, batch, microBatches: true }).gradients, 2 * parameters);
  const alone = estimateMemory({ student, batch });
  assertEquals([alone.teacher, alone.teacherBlock, alone.teacherCache], [0, 0, 0]);
});

Deno.test("estimateMemory() grows with every extent of the batch, and shrinks with the chunk and fused operations", () => {
  const student = tinyModel(1);
  const { peak } = estimateMemory({ student, batch });
  for (const name of ["rows", "longestRow", "positions", "keptTokens"] as const) {
    assert(estimateMemory({ student, batch: { ...batch, [name]: 2 * batch[name] } }).peak > peak, name);
  }
  assert(estimateMemory({ student, batch, chunkSize: 2 }).chunk < estimateMemory({ student, batch }).chunk);
  assert(estimateMemory({ student, batch, fused: true }).peak < peak);
});

Deno.test("estimateMemory() refuses an invalid batch, naming the extent", () => {
  const student = tinyModel(1);
  assertThrows(() => estimateMemory({ student, batch: { ...batch, rows: 0 } }), RangeError, "rows");
  assertThrows(() => estimateMemory({ student, batch, chunkSize: 0.5 }), RangeError, "chunkSize");
});

Deno.test("batchExtent() is the largest of micro-batches, a shared preamble counted once", () => {
  const row = (length: number, promptLength: number) => ({
    ids: Array.from({ length }, (_, place) => place < 3 ? 7 : 10 * length + place),
    promptLength,
  });
  const rows = [row(9, 4), row(6, 5), row(5, 4)];
  assertEquals(batchExtent(rows, { batchSize: 3 }), {
    rows: 3,
    longestRow: 8,
    positions: 3 + 5 + 2 + 1,
    keptTokens: 7,
  });
  assertEquals(batchExtent(rows, { batchSize: 3, microBatchSize: 1 }), {
    rows: 1,
    longestRow: 8,
    positions: 8,
    keptTokens: 5,
  });
});
