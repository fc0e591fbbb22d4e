import { useEngine } from "../../lib/engines/mod.ts";
import { main } from "../../tasks/distill.ts";
import { memoryTable } from "../../tasks/support/memory_table.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, playgroundFlags } from "../support/playground.ts";
import { python, testWithPython } from "../support/python.ts";

await useEngine("wasm");

const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0}).Reload()
print(json.dumps({tag: {e.step: e.value for e in events.Scalars(tag)} for tag in events.Tags()["scalars"]}))`;

testWithPython(
  ["tensorboard"],
  "task distill --tensorboard: the scalars are the metrics, also of a run that was stopped",
  async () => {
    const root = await playground();
    const flags = [...playgroundFlags(root), "--name", "watched", "--tensorboard", "--measure-every", "2"];
    assertEquals(await main([...flags, "--stop-after", "4"], `${root}/runs`), 130);
    assertEquals(await main([...flags, "--resume"], `${root}/runs`), 0);
    const folder = `${root}/runs/watched`;
    const scalars = JSON.parse(await python(program, [folder])) as Record<string, Record<string, number>>;
    const expected: Record<string, Record<string, number>> = {};
    for (const { type, step, metrics, ...line } of await jsonLines(`${folder}/metrics.jsonl`)) {
      for (const [name, value] of Object.entries({ ...line, ...metrics as Record<string, number> })) {
        if (typeof value === "number") (expected[`${type}/${name}`] ??= {})[step as number] = Math.fround(value);
      }
    }
    assertEquals(scalars, expected);
    assertEquals(Object.keys(expected["step/klTeacherAssistant"]), ["1", "3", "5", "6"]); // every second step, and the last one
    assertEquals(Object.keys(expected["step/tokensPerSecond"]).length, 6);
    assert(Object.values(expected["step/residentBytes"]).every((bytes) => bytes > 1e7));
    assertEquals(Object.keys(expected["validation/validLoss"]), ["3", "6"]);
  },
);

Deno.test("task distill --samples keeps each prompt with its answer, each step once", async () => {
  const root = await playground();
  const flags = [...playgroundFlags(root), "--name", "sampled", "--samples", "2", "--sample-every", "2"];
  assertEquals(await main([...flags, "--stop-after", "3"], `${root}/runs`), 130);
  assertEquals(await main([...flags, "--resume"], `${root}/runs`), 0);
  const lines = await jsonLines(`${root}/runs/sampled/samples.jsonl`);
  assertEquals(lines.map(({ step }) => step), [2, 4, 6]);
  const [{ prompt, response }] = lines[0].samples as { prompt: string; response: string }[];
  assert(prompt.includes("Name a wader like") && typeof response === "string");
  assertEquals((lines[2].samples as unknown[]).length, 2);
});

Deno.test("task distill --dry-run plans the memory and leaves nothing behind", async () => {
  const root = await playground();
  assertEquals(await main([...playgroundFlags(root), "--name", "planned", "--dry-run"], `${root}/runs`), 0);
  await assertRejects(() => Deno.stat(`${root}/runs`), Deno.errors.NotFound);
});

Deno.test("memoryTable() has a line for each part, in megabytes", () => {
  const parts = { student: 1e6, teacher: 2e6, halfCopies: 2.5e6, optimizer: 3e6, gradients: 4e6, activations: 5e6 };
  const table = memoryTable({
    ...parts,
    block: 6e6,
    chunk: 7e6,
    teacherBlock: 8e6,
    optimizerStep: 9e6,
    teacherCache: 10e6,
    peak: 123_456_789,
  }, 2e9);
  const numbers = table.split("\n").slice(2).map((line) => Number(line.match(/[\d.]+$/)![0]));
  assertAllClose(numbers, [1, 2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10, 123.5, 2000]);
});
