import { encodeScalarEvent, eventBytesUpTo } from "../../lib/files/scalar_event.ts";
import { openEventFile } from "../../lib/runs/event_file.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

/** The scalars that TensorBoard itself finds in a folder: `{ tag: [[step, value], …] }`. */
async function scalarsOf(folder: string): Promise<Record<string, [number, number | "inf"][]>> {
  const program = `
import json, math, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}).Reload()
tags = events.Tags()["scalars"]
print(json.dumps({tag: [[e.step, e.value if math.isfinite(e.value) else str(e.value)] for e in events.Scalars(tag)] for tag in tags}))`;
  return JSON.parse(await python(program, [folder]));
}

const record = (step: number) => ({ type: "step", step, loss: 1 / step, learningRate: 1e-3, note: "no number" });

testWithPython(["tensorboard"], "TensorBoard reads the scalars that openEventFile() adds, float32", async () => {
  const folder = await Deno.makeTempDir();
  using events = await openEventFile(folder);
  for (const step of [1, 2, 300, 70_000, 2 ** 40]) events.add(record(step));
  events.add({ type: "validation", step: 300, validLoss: Infinity });
  const scalars = await scalarsOf(folder);
  assertEquals(Object.keys(scalars).sort(), ["step/learningRate", "step/loss", "validation/validLoss"]);
  assertEquals(scalars["step/loss"], [1, 2, 300, 70_000, 2 ** 40].map((step) => [step, Math.fround(1 / step)]));
  assertEquals(scalars["validation/validLoss"], [[300, "inf"]]);
});

testWithPython(
  ["tensorboard"],
  "openEventFile() of a run that continues leaves no step twice and none out",
  async () => {
    const folder = await Deno.makeTempDir();
    // Three starts: killed after steps 5 and 9 with checkpoints at 4 and 7, the last record of the second cut in half.
    for (const [from, to] of [[0, 5], [4, 9], [7, 12]]) {
      using events = await openEventFile(folder, { step: from });
      for (let step = from + 1; step <= to; step++) events.add({ ...record(step), loss: step + to / 100 });
      if (to === 9) await Deno.truncate(events.path, (await Deno.stat(events.path)).size - 3);
    }
    const last = (step: number) => step <= 4 ? 5 : step <= 7 ? 9 : 12;
    const expected = Array.from({ length: 12 }, (_, index) => [index + 1, index + 1 + last(index + 1) / 100]);
    assertAllClose((await scalarsOf(folder))["step/loss"].flat() as number[], expected.flat(), { rtol: 1e-6 });
    assertEquals([...Deno.readDirSync(folder)].length, 3);
  },
);

Deno.test("eventBytesUpTo() finds the end of what belongs to a step, and stops at a record that is broken", () => {
  const records = [0, 1, 127, 128, 40_000].map((step) => encodeScalarEvent({ wallTime: 1.5, step, scalars: { a: 1 } }));
  const file = Uint8Array.from(records.flatMap((record) => [...record]));
  const ends = records.map((_, index) => records.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0));
  const found = [0, 1, 126, 127, 128, 39_999, 40_000].map((step) => eventBytesUpTo(file, step));
  assertEquals(found, [0, 1, 1, 2, 3, 3, 4].map((index) => ends[index]));
  assertEquals(eventBytesUpTo(file.subarray(0, file.length - 1), 1e9), ends[3]);
  assertEquals(eventBytesUpTo(file.with(ends[0] + 20, 255), 1e9), ends[0]);
  assertEquals(eventBytesUpTo(new Uint8Array(), 5), 0);
});

Deno.test("encodeScalarEvent() refuses an invalid step", () => {
  for (const step of [-1, 0.5, NaN]) {
    assertThrows(() => encodeScalarEvent({ wallTime: 0, step }), RangeError, `current value is ${step}`);
  }
});

Deno.test("openEventFile() takes the time from its caller", async () => {
  const folder = await Deno.makeTempDir();
  using events = await openEventFile(folder, { now: () => 1_500_000_000_250 });
  const bytes = await Deno.readFile(events.path);
  assertEquals(new DataView(bytes.buffer).getFloat64(13, true), 1_500_000_000.25);
  assert(events.path.endsWith("events.out.tfevents.0000000001.amid"));
});
