/** The doctor: what a failing, a crashing and a slow case become, its files, its bundle, and a whole GPU that is none. */
import { join } from "node:path";
import type { CaseResult, Check, Place } from "../../tasks/doctor/check.ts";
import { checks } from "../../tasks/doctor/checks.ts";
import { type ChildEvent, runCases } from "../../tasks/doctor/child.ts";
import { claims } from "../../tasks/doctor/claims.ts";
import { drawing } from "../../tasks/doctor/drawing.ts";
import { kernelPlaces } from "../../tasks/doctor/kernel_places.ts";
import { lineOf, type Result } from "../../tasks/doctor/lines.ts";
import { claimState, markdownOf } from "../../tasks/doctor/report.ts";
import { NO_TIME, supervise } from "../../tasks/doctor/supervise.ts";
import { main } from "../../tasks/doctor.ts";
import { cudaKernels } from "../../lib/engines/torch/cuda/kernels.ts";
import type { CudaRuntime } from "../../lib/engines/torch/cuda/runtime.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { pages, textOf } from "../docs/guides.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

const place: Place = { engine: "cpu", device: "cpu", leakSteps: 40, folder: "." };

const check = (changes: Partial<Check> = {}): Check => ({
  name: "demo",
  group: "Demo",
  about: "what it shows",
  seconds: 20,
  cases: () => [],
  ...changes,
});

/** A process whose cases do what their names say. */
const demo = (names: string[]) => `
  const { from } = JSON.parse(Deno.args[0]);
  const say = (event) => console.log(JSON.stringify(event));
  const names = ${JSON.stringify(names)};
  console.log("something else");
  for (let index = from; index < names.length; index++) {
    const name = names[index];
    say({ doctor: "begin", index, name });
    if (name === "crash") Deno.dlopen("libc.so.6", { strlen: { parameters: ["u64"], result: "u64" } }).symbols.strlen(1n);
    if (name === "status 3") console.error("the last words"), Deno.exit(3);
    if (name === "slow") await new Promise((done) => setTimeout(done, 60_000));
    say({ doctor: "end", index, result: { name, status: "ok", figure: "1", seconds: 0 } });
  }
  say({ doctor: "done" });`;

async function supervised(
  names: string[],
  { seconds, left }: { seconds: number; left: number },
): Promise<CaseResult[]> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, demo(names));
  const command = (order: unknown) => ({
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-config", "--allow-ffi", file, JSON.stringify(order)],
    env: {},
    cwd: Deno.cwd(),
  });
  try {
    return await supervise(check({ seconds }), place, { command, seconds: left });
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("supervise() makes a failed case of a crash, an exit and a case without an end, and continues behind", async () => {
  const found = await supervised(["fine", "crash", "status 3", "slow", "fine again"], { seconds: 3, left: 60 });
  assertEquals(found.map(({ name, status }) => [name, status]), [
    ["fine", "ok"],
    ["crash", "not ok"],
    ["status 3", "not ok"],
    ["slow", "not ok"],
    ["fine again", "ok"],
  ]);
  const reasons = found.map(({ reason }) => reason);
  assert(reasons[1]!.startsWith("its process ended: SIGSEGV"), reasons[1]);
  assertEquals(reasons[2], "its process ended: status 3 (the last words)");
  assertEquals(reasons[3], "no end after 3 s");
});

Deno.test("supervise() skips what the time for all checks does not reach, which is no failure", async () => {
  const found = await supervised(["slow", "fine"], { seconds: 60, left: 6 });
  assertEquals(found, [{ name: "slow", status: "skipped", reason: NO_TIME, seconds: 0 }]);
});

Deno.test("a check's process that is asked to end ends the programs that it started", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "process.ts");
  const programs = new URL("../../tasks/doctor/programs.ts", import.meta.url);
  await Deno.writeTextFile(
    file,
    `import { endTogether, runToEnd } from ${JSON.stringify(programs.href)};
     endTogether();
     const running = runToEnd("sleep", { args: ["4711"] });
     console.log("running");
     await running;`,
  );
  const args = ["run", "--quiet", "--no-config", "--allow-all", file];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 143);
  await reader.cancel();
  // The program holds no pipe of ours: the system's list of processes shows whether it is gone.
  const list = async () =>
    new TextDecoder().decode((await new Deno.Command("ps", { args: ["-eo", "args"] }).output()).stdout);
  for (let tries = 0; tries < 50 && (await list()).includes("sleep 4711"); tries++) {
    await new Promise((done) => setTimeout(done, 100));
  }
  assert(!(await list()).includes("sleep 4711"));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("runCases() reports a case that throws as failed, and those behind it", async () => {
  const lines: string[] = [];
  const own = check({
    cases: () => [
      {
        name: "bad",
        run: () => {
          throw new RangeError("Cannot do it");
        },
      },
      { name: "good", run: () => ({ status: "ok", figure: "7" }) },
    ],
  });
  await runCases({ check: "demo", place, from: 0 }, { checks: [own], print: (line) => lines.push(line) });
  const events: ChildEvent[] = lines.map((line) => JSON.parse(line));
  const ends = events.flatMap((event) => event.doctor === "end" ? [event.result] : []);
  assertEquals(ends.map(({ status, reason }) => [status, reason]), [["not ok", "Cannot do it"], ["ok", undefined]]);
  assertEquals(events.at(-1), { doctor: "done" });
});

Deno.test("lineOf() is not ok where one case is not, and names it; skipped where all are", () => {
  const of = (...all: [CaseResult["status"], string][]) =>
    lineOf(check(), all.map(([status, reason], i) => ({ name: `c${i}`, status, reason, seconds: 0 })), 1);
  const mixed = of(["ok", ""], ["not ok", "worse"], ["skipped", "absent"]);
  assertEquals([mixed.status, mixed.remarks], ["not ok", ["c1: worse", "c2 was skipped: absent"]]);
  assertEquals([of(["skipped", "absent"]).status, of(["skipped", "absent"]).figure], ["skipped", "absent"]);
  assertEquals(of(["ok", ""], ["skipped", "absent"]).status, "ok");
});

Deno.test("drawing() draws the lowest number lowest, and numbers that are all the same as full columns", () => {
  assertEquals(drawing("x", [1, 2, 3]), ["x: from 1 to 3", "  │  █", "  │ ▁█", "  │ ██", "  │▁██"]);
  assertEquals(drawing("x", [5, 5])[0], "x: always 5");
  assertEquals(drawing("x", [5, 5]).slice(1), Array(4).fill("  │██"));
});

const plain = (text: string) => text.replaceAll(/\s+/g, " ");

Deno.test("claims have the words of the pages, checks that exist, and every page that speaks of GPUs", () => {
  for (const { page, says, checks: names } of claims) {
    assert(plain(textOf(page)).includes(plain(says)), `${page} does not say: ${says}`);
    const unknown = names.filter((name) => !checks.some((check) => check.name === name));
    assertEquals(unknown, []);
  }
  // Pages that only mention them: flags, what was not measured, words explained.
  const mentions = ["README.md", "docs/doctor.md", "docs/glossary.md", "docs/log.md", "docs/tasks.md"];
  const speaking = pages.filter((page) => /CUDA|NCCL/.test(textOf(page)) && !mentions.includes(page));
  assertEquals(speaking.filter((page) => !claims.some((claim) => claim.page === page)), []);
});

const result = (device: string, status: CaseResult["status"]): Result => ({
  date: "today",
  engine: "torch",
  device,
  seconds: 1,
  budget: 2,
  lines: checks.map((check) => lineOf(check, [{ name: "c", status, reason: "why", seconds: 0 }], 0)),
});

Deno.test("claimState() proves a claim on a CUDA device alone, where all of its checks are ok", () => {
  const { checks: names } = claims[0];
  assertEquals(claimState(result("cpu", "ok"), names), "waits for a GPU");
  assertEquals(claimState(result("cuda", "ok"), names), "proven");
  assert(claimState(result("cuda", "not ok"), names).startsWith("disproved by facts"));
  assert(claimState(result("cuda", "skipped"), names).startsWith("not tried whole: facts"));
  const text = markdownOf(result("cuda:0", "not ok"));
  assert(text.includes("## Not ok\n\n- **facts**: c: why"), text.slice(0, 400));
});

Deno.test("kernelPlaces() lists every kernel that CUDA devices have of their own", () => {
  const runtime = { largestSharedBytes: 0 } as unknown as CudaRuntime;
  const listed = kernelPlaces(result("cpu", "ok")).map(({ kernel }) => kernel);
  for (const name of Object.keys(cudaKernels(runtime))) {
    assert(listed.some((kernel) => kernel.startsWith(name)), `${name} is not in the list`);
  }
});

Deno.test("doctor refuses a check that does not exist, naming those that do", () =>
  assertRejects(
    async () => await main(["--only", "fact", "--output", await Deno.makeTempDir()]),
    UsageError,
    "one of facts, conformance-elementwise",
  ));

Deno.test("one file made by deno bundle checks an engine in an empty folder, from golden numbers inside it", async () => {
  const folder = await Deno.makeTempDir();
  const run = async (args: string[], cwd = Deno.cwd()) =>
    await new Deno.Command(Deno.execPath(), { args, cwd, stderr: "piped" }).output();
  const bundled = await run(["bundle", "--quiet", "tasks/doctor.ts", "-o", join(folder, "doctor.js")]);
  assert(bundled.success, new TextDecoder().decode(bundled.stderr));
  const flags = [
    "--engine",
    "cpu",
    "--only",
    "facts",
    "--only",
    "golden-losses",
    "--only",
    "models",
    "--output",
    "out",
  ];
  const { success, stderr } = await run(["run", "--allow-all", "doctor.js", ...flags], folder);
  const { lines } = JSON.parse(await Deno.readTextFile(join(folder, "out", "doctor.json"))) as Result;
  assertEquals(lines.map(({ name, status }) => [name, status]), [
    ["facts", "ok"],
    ["golden-losses", "ok"],
    ["models", "ok"],
  ]);
  assert(success, new TextDecoder().decode(stderr));
  assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["doctor.js", "out"]);
  await Deno.remove(folder, { recursive: true });
});
