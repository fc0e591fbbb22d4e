/** What a run reports of a teacher that is stored in few bits. */
import * as tf from "@tensorflow/tfjs-core";
import { scoreNotes } from "../../lib/figures/report_sections.ts";
import type { ModelScores, TeacherStorage } from "../../lib/figures/run_result.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { teacherStorage } from "../../lib/runs/teacher_storage.ts";
import { storageLine } from "../../tasks/support/distill_shared.ts";
import { testOnTorch } from "../engines/torch/support.ts";
import { assert, assertEquals } from "../support/mod.ts";

const path = "data/teacher";
const rows = [{ ids: [5, 9, 300, 7, 81], promptLength: 2 }, { ids: [44, 1200, 3], promptLength: 1 }];

async function stored(precision: "float32" | "int8" | "int4", availableMemory?: number) {
  const { numTensors } = tf.memory();
  const teacher = await loadModel(path, { precision });
  const storage = await teacherStorage(teacher, { path, rows, availableMemory });
  teacher.dispose();
  assertEquals(tf.memory().numTensors, numTensors);
  return storage;
}

testOnTorch(
  "teacherStorage() measures what a teacher in few bits loses on the run's rows, and reports it",
  async () => {
    const [eight, four] = [await stored("int8"), await stored("int4")];
    const { divergence, roundingError, share, positions } = eight as Required<TeacherStorage>;
    assertEquals(positions, 8);
    assert(divergence > 0 && divergence < four!.divergence! / 4, `${divergence}, ${four!.divergence}`);
    assert(roundingError > 0.001 && roundingError < four!.roundingError! / 4, `${roundingError}`);
    assert(share > 0.25 && share < 0.256, `${share}`);
    const line = storageLine(eight!);
    assert(/^teacher in int8, 0\.25\d of float32's memory; divergence .* \(8 tokens of the run\)/.test(line), line);
  },
);

testOnTorch(
  "teacherStorage() is undefined of a teacher in floats, and measures nothing that memory is short for",
  async () => {
    assertEquals(await stored("float32"), undefined);
    const { share, ...others } = (await stored("int8", 1e6))!;
    assertEquals(others, { precision: "int8" });
    assert(/not measured: the full teacher/.test(storageLine({ share, ...others })));
  },
);

Deno.test("scoreNotes() has what the teacher's storage loses", () => {
  const scores: ModelScores = { validLoss: 2, rougeL: 30, exactMatch: 10, kinds: {} };
  const result = { engine: "torch", seconds: 1, teacher: { ...scores, rougeL: 60, validLoss: 1 }, start: scores };
  const others = { student: scores, constant: { rougeL: 5, exactMatch: 0 } };
  const storage = { precision: "int8", share: 0.25, roundingError: 0.01, divergence: 0.00123, positions: 512 };
  const notes = scoreNotes({ ...result, ...others, teacherStorage: storage });
  assert(/held in int8: .* 0\.0012 nats per token, on 512 tokens/.test(notes), notes);
  assert(!scoreNotes({ ...result, ...others }).includes("held in"));
});
