import { PackedBatches } from "../../../lib/training/step/packed_batches.ts";
import { microBatches, trainingBatch } from "../../../lib/batches/training_batch.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { tinyRows } from "../../support/tiny_model.ts";

Deno.test("of() packs the micro-batches of rows for teacher and student", () => {
  const rows = tinyRows(7);
  const parts = microBatches(rows, 3);
  const cut = new PackedBatches({ microBatchSize: 3, whole: false, contextLength: 64 }).of(rows, true);
  assertEquals(cut.map(({ rows, recurring }) => [rows, recurring]), parts.map((part) => [part, true]));
  for (const [i, { tokens, keep, labels, student }] of cut.entries()) {
    assertEquals({ tokens, keep, labels }, trainingBatch(parts[i]));
    assert(student.tokens === tokens && student.keep === keep);
  }
  const whole = new PackedBatches({ microBatchSize: 3, whole: true, contextLength: 64 }).of(rows, false);
  for (const [i, { tokens, student }] of whole.entries()) {
    assertEquals(tokens, trainingBatch(parts[i]).tokens);
    assertEquals(student, trainingBatch(parts[i], { whole: true }));
  }
});

Deno.test("ahead() packs once: of() returns the same batches for these rows, once, and packs others", () => {
  const packed = new PackedBatches({ microBatchSize: 2, whole: false, contextLength: 64 });
  const [rows, others] = [tinyRows(4), tinyRows(4, { seed: 2 })];
  const ahead = packed.ahead(rows, true);
  assert(packed.of(others, true)[0] !== ahead[0]);
  const taken = packed.of([...rows], true);
  assert(taken.every((batch, i) => batch === ahead[i]));
  const again = packed.of(rows, true);
  assert(again[0] !== ahead[0]);
  assertEquals(again, ahead);
});
