import { useEngine } from "../../lib/engines/mod.ts";
import { jsonLines } from "../../lib/runs/json_lines.ts";
import { recordRun, type RecordRunOptions } from "../../lib/runs/record_run.ts";
import type { Recorder } from "../../lib/runs/recorder.ts";
import { tensorBoard } from "../../lib/runs/tensor_board.ts";
import { distill, type DistillEvent, type DistillOptions } from "../../lib/training/run/distill.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines as linesOf } from "../support/playground.ts";
import { tinyModel } from "../support/tiny_model.ts";

await useEngine("wasm");

const rows = [[1, 2, 3, 4], [5, 6, 7], [2, 4, 6, 8, 10], [9, 3]].map((ids) => ({ ids, promptLength: 1 }));

/** Runs six steps of a tiny model with recorders. */
function run(recorders: Recorder[], options: RecordRunOptions & { run?: Partial<DistillOptions> } = {}) {
  const { run, ...others } = options;
  const student = tinyModel(1);
  const settings = { student, rows, validRows: rows, validateEvery: 3, batchSize: 2, totalSteps: 6 };
  const start = (hooks: Partial<DistillOptions>) =>
    distill({ ...settings, optimizer: { learningRate: 1e-2 }, ...run, ...hooks });
  return recordRun(start, recorders, others).finally(() => student.dispose());
}

/** A tracker as somebody else would write one: steps and losses as CSV, cut back where the run resumes. */
function csv(path: string): Recorder {
  return {
    name: "losses.csv",
    async open({ step }) {
      const old = step === 0 ? [] : (await Deno.readTextFile(path)).split("\n").slice(1, step + 1);
      await Deno.writeTextFile(path, ["step,loss", ...old, ""].join("\n"));
    },
    async event(event) {
      if (event.type === "step") await Deno.writeTextFile(path, `${event.step},${event.loss}\n`, { append: true });
    },
  };
}

/** Notes its calls, and throws in the ones named. */
function notes(failing: string[] = [], wait = Promise.resolve()): { recorder: Recorder; calls: string[] } {
  const calls: string[] = [];
  const note = (call: string, detail: string) => {
    calls.push(`${call} ${detail}`);
    if (failing.includes(call)) throw new Error(`no ${call}`);
  };
  const recorder: Recorder = {
    name: "notes",
    open: ({ step, totalSteps, offset }) => note("open", `${step}/${totalSteps} ${offset}`),
    event: async ({ type, step }) => {
      await wait;
      note("event", `${type} ${step}`);
    },
    close: ({ status, step }) => note("close", `${status} ${step}`),
  };
  return { recorder, calls };
}

const events = ["step 1", "step 2", "validation 3", "step 4", "step 5", "validation 6"];

Deno.test("recordRun() stopped and resumed leaves each step once in every record, with the losses of one that was not", async () => {
  const [whole, parts] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const recorders = (folder: string) => [
    jsonLines(`${folder}/metrics.jsonl`),
    csv(`${folder}/losses.csv`),
    tensorBoard(folder),
    jsonLines(`${folder}/validation.jsonl`, { line: (event) => event.type === "validation" ? event : undefined }),
  ];
  assertEquals(await run(recorders(whole)), { finished: true, step: 6, warnings: [] });
  const checkpointFolder = `${parts}/checkpoints`;
  // Killed after step 5 with a checkpoint of step 4: the run is left in the middle of its stream.
  const saving = { checkpointFolder, saveEvery: 2 };
  async function* until(stream: AsyncIterable<DistillEvent>) {
    for await (const event of stream) {
      yield event;
      if (event.type === "step" && event.step === 5) throw new Error("killed");
    }
  }
  const student = tinyModel(1);
  const settings = { student, rows, validRows: rows, validateEvery: 3, batchSize: 2, totalSteps: 6, ...saving };
  const killed = recordRun(
    (hooks) => until(distill({ ...settings, optimizer: { learningRate: 1e-2 }, ...hooks })),
    recorders(parts),
  );
  await assertRejects(() => killed, Error, "killed");
  student.dispose();
  assertEquals((await linesOf(`${parts}/metrics.jsonl`)).map(({ step }) => step), [1, 2, 3, 3, 4, 5]);
  const resumed = await run(recorders(parts), { run: { ...saving, resume: true } });
  assertEquals(resumed, { finished: true, step: 6, warnings: [] });

  const figures = async (path: string) =>
    (await linesOf(path)).map(({ type, step, loss, validLoss }) => [type, step, loss ?? validLoss]);
  assertEquals(await figures(`${parts}/metrics.jsonl`), await figures(`${whole}/metrics.jsonl`));
  assertEquals(await figures(`${parts}/validation.jsonl`), await figures(`${whole}/validation.jsonl`));
  const losses = await Deno.readTextFile(`${parts}/losses.csv`);
  assertEquals(losses, await Deno.readTextFile(`${whole}/losses.csv`));
  const steps = (await linesOf(`${whole}/metrics.jsonl`)).filter(({ type }) => type === "step");
  assertEquals(losses, ["step,loss", ...steps.map(({ step, loss }) => `${step},${loss}`), ""].join("\n"));
});

Deno.test("recordRun() calls recorders in their order, and waits for those that take their time", async () => {
  const [slow, quick] = [notes([], new Promise((resolve) => setTimeout(resolve, 20))), notes()];
  const order: string[] = [];
  const begin = ({ step, totalSteps }: { step: number; totalSteps: number }) => {
    assertEquals(slow.calls, []);
    order.push(`${step}/${totalSteps}`);
  };
  await run([slow.recorder, quick.recorder], { begin, run: { validateEvery: "end", validRows: [], totalSteps: 2 } });
  const expected = ["open 0/2 undefined", "event step 1", "event step 2", "close finished 2"];
  assertEquals([slow.calls, quick.calls, order], [expected, expected, ["0/2"]]);
});

Deno.test("recordRun() continues without a recorder that fails, wherever that is, and reports it once", async () => {
  for (const failing of [["open"], ["event"], ["close"], ["open", "event", "close"]]) {
    const [bad, good] = [notes(failing), notes()];
    const heard: string[] = [];
    const result = await run([bad.recorder, good.recorder], { warn: (message) => void heard.push(message) });
    const warnings = [`notes records nothing further: no ${failing[0]}; the run continues without it`];
    assertEquals(result, { finished: true, step: 6, warnings }, `${failing}`);
    assertEquals(heard, warnings);
    assertEquals(good.calls.filter((call) => events.includes(call.slice(6))).length, 6);
    assertEquals(bad.calls.at(-1), "close finished 6");
    assertEquals(bad.calls.length, failing[0] === "open" ? 2 : failing[0] === "event" ? 3 : good.calls.length);
  }
});

Deno.test("recordRun() survives a warning that cannot be shown, and a failure that is not an Error", async () => {
  const recorder: Recorder = { name: "tracker", event: () => Promise.reject("503") };
  const warn = () => {
    throw new Error("the pipe is closed");
  };
  const { finished, warnings } = await run([recorder], { warn });
  assertEquals([finished, warnings], [true, ["tracker records nothing further: 503; the run continues without it"]]);
});

Deno.test("recordRun() stops after a step or by a signal, and closes recorders with what happened", async () => {
  const stopped = notes();
  assertEquals(await run([stopped.recorder], { stopAfter: 2 }), { finished: false, step: 2, warnings: [] });
  assertEquals(stopped.calls.slice(-2), ["event stopped 2", "close stopped 2"]);

  const aborted = notes();
  const result = await run([aborted.recorder], { signal: AbortSignal.abort() });
  assertEquals([result.finished, aborted.calls.slice(-1)], [false, ["close stopped 0"]]);

  const failed = notes();
  const begin = () => Promise.reject(new Error("no folder"));
  await assertRejects(() => run([failed.recorder], { begin }), Error, "no folder");
  assertEquals(failed.calls, []); // it was never opened
  const measure = () => {
    throw new Error("no measure");
  };
  await assertRejects(() => run([failed.recorder], { run: { measure } }), Error, "no measure");
  assertEquals(failed.calls, ["open 0/6 undefined", "close failed 0"]);
});

Deno.test("recordRun() refuses to stop a resumed run after a step that it has taken, and leaves everything as it was", async () => {
  const saving = { checkpointFolder: `${await Deno.makeTempDir()}/checkpoints` };
  await run([], { stopAfter: 3, run: saving });
  for (const stopAfter of [1, 3]) {
    const late = notes();
    const message = `after step ${stopAfter}: it resumes after step 3, the step must be later`;
    const resumed = () => run([late.recorder], { stopAfter, run: { ...saving, resume: true } });
    await assertRejects(resumed, RangeError, message);
    assertEquals(late.calls, []);
  }
  const { finished, step } = await run([], { stopAfter: 4, run: { ...saving, resume: true } });
  assertEquals([finished, step], [false, 4]);
  assertEquals((await run([], { run: { ...saving, resume: true } })).finished, true);
  assertEquals((await run([], { stopAfter: 2, run: { ...saving, resume: true } })).finished, true); // nothing is left to stop
});

Deno.test("recordRun() saves the offset of the first recorder that has one, and resumes without offsets by the steps", async () => {
  const folder = await Deno.makeTempDir();
  const saving = { checkpointFolder: `${folder}/checkpoints`, saveEvery: 2 };
  const [first, second] = [`${folder}/first.jsonl`, `${folder}/second.jsonl`];
  await run([notes().recorder, jsonLines(first), jsonLines(second)], { stopAfter: 3, run: saving });
  const noted = notes();
  await run([noted.recorder, jsonLines(first), jsonLines(second)], { run: { ...saving, resume: true } });
  for (const path of [first, second]) {
    assertEquals((await linesOf(path)).map(({ step }) => step), [1, 2, 3, 3, 4, 5, 6, 6], path);
  }
  // A run without any recorder saves no offset; one that joins later does not mistake that for an empty file.
  const other = { checkpointFolder: `${folder}/others`, saveEvery: 2 };
  await run([], { stopAfter: 3, run: other });
  await Deno.writeTextFile(first, '{"step":1}\n{"step":5}\n');
  const { warnings } = await run([jsonLines(first)], { run: { ...other, resume: true } });
  assertEquals(warnings, []);
  assertEquals((await linesOf(first)).map(({ step }) => step), [1, 4, 5, 6, 6]);
});

Deno.test("recordRun() adds speed and memory to each step's metrics, the same for all recorders", async () => {
  const seen: Record<string, number>[][] = [[], []];
  const recorders = seen.map((list, place): Recorder => ({
    name: `recorder ${place}`,
    event(event) {
      if (event.type === "step") list.push(event.metrics!);
    },
  }));
  await run(recorders, { run: { measure: () => ({ own: 3 }) } });
  assertEquals(seen[0], seen[1]);
  assertEquals(seen[0].length, 6);
  for (const { own, tokensPerSecond, tensorBytes, residentBytes } of seen[0]) {
    assert(own === 3 && tokensPerSecond > 0 && tensorBytes > 0 && residentBytes > 1e7);
  }
});
