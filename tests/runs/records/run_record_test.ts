import {
  fitsConfiguration,
  readRunRecords,
  type RunRecord,
  writeRunRecord,
} from "../../../lib/runs/records/run_record.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";

const record: RunRecord = {
  name: "half-gkd-s1",
  method: "gkd",
  student: "half",
  seed: 1,
  configuration: { alpha: 0.5, rows: ["dolly=9"], keepBest: false },
  weights: { teacher: "a", start: "b" },
  place: { commit: "c", machine: "m", engine: "e" },
  seconds: 3,
  stepSeconds: 0.5,
  peakMiB: 7,
  curve: {
    steps: 1,
    tokens: 2,
    training: [[1, 2]],
    validation: [],
    gradientNorm: 1,
    largestGradientNorm: 1,
    spikes: 0,
  },
};

Deno.test("readRunRecords() reads what writeRunRecord() wrote, by name", async () => {
  const folder = `${await Deno.makeTempDir()}/runs`;
  assertEquals((await readRunRecords(folder)).size, 0);
  await writeRunRecord(folder, record);
  await writeRunRecord(folder, { ...record, name: "a", diverged: "at step 3" });
  await Deno.writeTextFile(`${folder}/notes.txt`, "other");
  const read = await readRunRecords(folder);
  assertEquals([...read.keys()], ["a", "half-gkd-s1"]);
  assertEquals(read.get("half-gkd-s1"), record);
});

Deno.test("readRunRecords() refuses a file that was renamed, or is broken", async () => {
  const folder = await Deno.makeTempDir();
  await writeRunRecord(folder, record);
  await Deno.rename(`${folder}/half-gkd-s1.json`, `${folder}/other.json`);
  await assertRejects(() => readRunRecords(folder), RangeError, "current value is half-gkd-s1");
  await Deno.writeTextFile(`${folder}/other.json`, "{");
  await assertRejects(() => readRunRecords(folder), Error, "other.json");
});

Deno.test("fitsConfiguration() compares all settings, in any order", () => {
  assert(fitsConfiguration(record, { keepBest: false, rows: ["dolly=9"], alpha: 0.5 }));
  const changes: Record<string, number | string[]>[] = [{ alpha: 0.6 }, { rows: ["dolly=8"] }, { more: 1 }];
  for (const changed of changes) {
    assert(!fitsConfiguration(record, { ...record.configuration, ...changed }));
  }
  assert(!fitsConfiguration(record, { alpha: 0.5, rows: ["dolly=9"] }));
});
