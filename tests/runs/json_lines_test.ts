import { jsonLines } from "../../lib/runs/json_lines.ts";
import type { RecordedEvent, Recorder } from "../../lib/runs/recorder.ts";
import { sampleLine } from "../../lib/runs/samples.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";
import { jsonLines as linesOf } from "../support/playground.ts";

const step = (step: number, metrics: Record<string, number> = {}): RecordedEvent => ({
  type: "step",
  step,
  epoch: 0,
  source: "corpus",
  tokens: 4,
  seconds: 0.5,
  loss: 1,
  lmLoss: 1,
  distillLoss: 1,
  gradNorm: 1,
  learningRate: 1,
  metrics,
});
const samples = (step: number): RecordedEvent => ({
  type: "sample",
  step,
  samples: [{ ids: [5, 6, 7, 0], promptLength: 2 }, { ids: [5, 8], promptLength: 1 }],
});
const decode = (ids: number[]) => ids.map((id) => `größe ${id}`).join(" ");
const warn = (message: string) => {
  throw new Error(message);
};

interface Begins {
  step: number;
  offset?: number;
  teacher?: string;
  reference?: string;
}

async function written(recorder: Recorder, start: Begins, events: RecordedEvent[]) {
  await recorder.open!({ ...start, totalSteps: 9, warn });
  for (const event of events) await recorder.event(event);
  recorder.flush!();
  const { offset } = recorder;
  await recorder.close!({ status: "finished", step: 9 });
  return offset;
}

Deno.test("jsonLines() holds steps, validations and warnings; an infinite measure is written as files of settings do", async () => {
  const path = `${await Deno.makeTempDir()}/deep/er/metrics.jsonl`;
  const events: RecordedEvent[] = [
    step(1, { klTeacherStudent: Infinity, below: -Infinity, gap: NaN }),
    { type: "validation", step: 1, validLoss: 2 },
    samples(1),
    { type: "checkpoint", step: 1, path: "step-1", best: true },
    { type: "warning", step: 1, message: "größer" },
    { type: "stopped", step: 1 },
  ];
  const offset = await written(jsonLines(path), { step: 0, offset: 0 }, events);
  assertEquals(offset, (await Deno.stat(path)).size);
  const [first, ...others] = await linesOf(path);
  assertEquals(first, { ...step(1), metrics: { klTeacherStudent: "inf", below: "-inf", gap: "nan" } });
  assertEquals(others, [events[1], events[4]]);
});

Deno.test("jsonLines() resumes after the bytes of the checkpoint, or where none are known after its step", async () => {
  const path = `${await Deno.makeTempDir()}/metrics.jsonl`;
  const offset = await written(jsonLines(path), { step: 0, offset: 0 }, [step(1), step(2)]);
  const all = () => linesOf(path).then((lines) => lines.map(({ step }) => step));
  await written(jsonLines(path), { step: 2, offset }, [step(3), step(4)]);
  assertEquals(await all(), [1, 2, 3, 4]);
  await written(jsonLines(path), { step: 3 }, [step(9)]);
  assertEquals(await all(), [1, 2, 3, 9]);
  await written(jsonLines(path), { step: 0, offset: 0 }, []);
  assertEquals(await Deno.readTextFile(path), "");
});

Deno.test("jsonLines() begins with the names of teacher and reference, once", async () => {
  const path = `${await Deno.makeTempDir()}/metrics.jsonl`;
  const names = { teacher: "mean of two", reference: "C" };
  const offset = await written(jsonLines(path), { step: 0, offset: 0, ...names }, []);
  await written(jsonLines(path), { step: 0, offset, ...names }, [step(1)]);
  await written(jsonLines(path), { step: 1, teacher: "another" }, [step(2)]);
  const lines = await linesOf(path);
  assertEquals(lines[0], { type: "start", step: 0, ...names });
  assertEquals(lines.map(({ type, step }) => [type, step]), [["start", 0], ["step", 1], ["step", 2]]);
  await written(jsonLines(path), { step: 0, offset: 0, teacher: "alone" }, []);
  assertEquals(await linesOf(path), [{ type: "start", step: 0, teacher: "alone" }]);
});

Deno.test("jsonLines() of samples has no file before the first one, and cuts those after the checkpoint", async () => {
  const path = `${await Deno.makeTempDir()}/samples.jsonl`;
  const recorder = () => jsonLines(path, { line: sampleLine({ decode, endTokens: [0] }) });
  await written(recorder(), { step: 0 }, [step(1)]);
  assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
  await written(recorder(), { step: 0 }, [1, 2, 3].map(samples));
  await written(recorder(), { step: 2 }, [samples(4)]);
  const lines = await linesOf(path);
  assertEquals(lines.map(({ step }) => step), [1, 2, 4]);
  assertEquals(lines[0].samples, [
    { prompt: "größe 5 größe 6", response: "größe 7", ended: true },
    { prompt: "größe 5", response: "größe 8", ended: false },
  ]);
});
