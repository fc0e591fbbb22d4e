import { main } from "../../tasks/plan.ts";
import { constantsOf, readConstants } from "../../tasks/support/plan_constants.ts";
import { clustersOf, describedPair, parseCounts, planOptionsOf } from "../../tasks/support/plan_settings.ts";
import { planSchema } from "../../tasks/support/plan_setup.ts";
import { parseTask } from "../../tasks/support/schema.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { choosePlan } from "../../lib/planning/mod.ts";
import { ranksOutput, testWithMpi } from "../support/ranks.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

/** What the task prints. */
async function printed(args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (text: string) => lines.push(text);
  try {
    await main(args);
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}

async function settings(args: readonly string[]) {
  const { config, origins } = await parseTask({ name: "plan", description: "", schema: planSchema, args });
  return { config, given: new Set(Object.keys(origins)) };
}

Deno.test("plan prints a line for each number of devices, and a reason for each choice", async () => {
  const text = await printed(["--gpus", "8,64,512", "--nodes", "1,8,64"]);
  const [, devices, network, , head] = text.split("\n");
  assert(/^device: h100, 346 TFLOP\/s/.test(devices), devices);
  assert(/100 Gbit\/s per node and 10 µs between nodes/.test(network), network);
  assert(
    /devices +nodes +rows\/device .* efficiency +rows\/s +sharding +recomputation +teacher cache/.test(head),
    head,
  );
  for (const count of [8, 64, 512]) {
    const [, reasons] = text.split(`\n${count} devices\n`);
    for (const name of ["batch", "sharding", "recomputation", "teacher cache"]) {
      assert(new RegExp(`^  ${name}: .+`, "m").test(reasons), `${count} devices lack a reason for ${name}`);
    }
  }
});

Deno.test("plan prints JSON lines with everything in them", async () => {
  const lines = (await printed(["--gpus", "1,16", "--json", "--batch", "64"])).split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(lines.map(({ devices, nodes, batch }) => [devices, nodes, batch]), [[1, 1, 64], [16, 2, 64]]);
  assertAllClose(lines[0].time.efficiency, [1]);
  assert(
    lines[1].rowsPerSecond === 64 / lines[1].time.seconds && lines[1].memory.peak > 0 && lines[1].reasons.sharding,
  );
});

Deno.test("plan reports that nothing fits devices that are too small, and continues with the others", async () => {
  const text = await printed(["--gpus", "1,8", "--memory", "2"]);
  assert(/\n1 devices: Cannot plan for 1 devices: even one row at a time/.test(text), text);
  const [line] = (await printed(["--gpus", "1", "--memory", "2", "--json"])).split("\n").map((line) =>
    JSON.parse(line)
  );
  assert(/2.*GB|usable/.test(line.error), line.error);
});

Deno.test("plan reads shapes by name, by folder and by file, and runs without a teacher", async () => {
  const { student, teacher } = await describedPair({
    student: "data/student-start",
    teacher: "data/teacher/config.json",
  });
  const { n_embd } = JSON.parse(await Deno.readTextFile("data/student-start/config.json"));
  assertEquals([student.config.hiddenSize, teacher!.config.hiddenSize], [n_embd, 256]);
  assertEquals((await describedPair({ student: "gpt2-xl", teacher: "none" })).teacher, undefined);
  await assertRejects(() => describedPair({ student: "gpt3", teacher: "none" }), UsageError, "--student");
  await assertRejects(
    () => describedPair({ student: "gpt2", teacher: "no/folder" }),
    UsageError,
    "current value is no/folder",
  );
});

Deno.test("GPT-2 124M on two ranks at 100 Gbit/s gives less than a tenth of a step to communication", async () => {
  const args = ["--device", "cpu-core", "--gpus", "2", "--nodes", "2", "--bandwidth", "100", "--batch", "8"];
  const { config, given } = await settings(args);
  const [cluster] = clustersOf(config, { constants: {}, given });
  const { time } = choosePlan(planOptionsOf(config, { pair: await describedPair(config), cluster }));
  const { packing, exposed, seconds } = time;
  assert((packing + exposed) / seconds < 0.1, `communication is ${(packing + exposed) / seconds} of the step`);
});

Deno.test("plan refuses invalid numbers, naming the flag", async () => {
  await assertRejects(
    () => main(["--gpus", "8,64", "--nodes", "1"]),
    UsageError,
    "--nodes: a number for each of --gpus 8,64",
  );
  await assertRejects(() => main(["--gpus", "8", "--nodes", "3"]), UsageError, "--nodes must divide --gpus");
  await assertRejects(() => main(["--gpus", "8,x"]), UsageError, "--gpus: positive whole numbers");
  await assertRejects(() => main(["--bandwidth", "0"]), UsageError, "--bandwidth");
  await assertRejects(
    () => main(["--constants", "no.jsonl"]),
    UsageError,
    "--constants no.jsonl: there is no such file",
  );
  assertEquals(parseCounts("1, 2,4", "--gpus"), [1, 2, 4]);
  assertThrows(() => parseCounts("", "--gpus"), UsageError, "current value is ");
});

const step = {
  benchmark: "step",
  student: "student",
  teacher: "teacher",
  teacherCache: false,
  fused: false,
  secondsPerStep: 0.5,
  extent: { rows: 8, positions: 200, keptTokens: 40 },
};
const comm = { benchmark: "comm", ranks: 2, nodes: 1, link: { latency: 1e-5, bandwidth: 2e9 } };
const at = (...values: unknown[]) => values.map((value, index) => ({ value, where: `line ${index + 1}` }));

Deno.test("constants are links by where ranks were, and a rate by steps; flags go before them", async () => {
  const far = { ...comm, nodes: 2, link: { latency: 2e-5, bandwidth: 1e9 } };
  const single = { benchmark: "comm", collective: "all-reduce", bytes: 1000, seconds: 1e-5, ranks: 2, nodes: 1 };
  const constants = constantsOf(
    at(single, comm, far, step, {
      ...step,
      extent: { rows: 32, positions: 800, keptTokens: 160 },
      secondsPerStep: 1.8,
    }),
  );
  assertEquals([constants.inside, constants.between], [comm.link, far.link]);
  assert(constants.device!.flops > 0 && constants.device!.stepOverhead > 0);
  const { config, given } = await settings([
    "--bandwidth",
    "10",
    "--inside-latency",
    "7",
    "--gpus",
    "4",
    "--nodes",
    "2",
  ]);
  const [{ device, inside, between }] = clustersOf(config, { constants, given });
  assertEquals(device.flops, constants.device!.flops);
  assertAllClose([inside.latency * 1e6, inside.bandwidth / 1e9, between.latency * 1e6, between.bandwidth / 1e9], [
    7,
    2,
    20,
    1.25,
  ]);
});

Deno.test("constants that are invalid are refused, with the line", async () => {
  const refuse = (value: unknown, text: string) => assertThrows(() => constantsOf(at(comm, value)), UsageError, text);
  refuse({ benchmark: "loss" }, "line 2 is not a line of bench comm or bench step");
  refuse(null, "line 2 is not a line of bench comm or bench step");
  refuse({ ...comm, ranks: 4, nodes: 2 }, "line 2 has 4 ranks on 2 nodes");
  refuse({ ...comm, link: { latency: 1e-5, bandwidth: 0 } }, 'line 2 has no usable "link.bandwidth"');
  refuse({ ...step, secondsPerStep: undefined }, 'line 2 has no usable "secondsPerStep"');
  refuse({ ...step, student: "gpt9" }, 'line 2 has no known shape "gpt9"');
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, `${JSON.stringify(comm)}\n\n{"benchmark"`);
  await assertRejects(
    () => readConstants(file),
    UsageError,
    `Cannot use --constants ${file}, line 3, column 13: it is not JSON`,
  );
  await Deno.remove(file);
});

testWithMpi(
  "bench comm measures every operation at two ranks, rank 0 alone reports it, and the link is one for plans",
  async () => {
    // On a busy machine a message may wait longer than it moves, which is said; then it is measured once more.
    const measured = () =>
      ranksOutput(2, new URL("../../tasks/bench.ts", import.meta.url), {
        args: ["comm", "--to", "16", "--seconds", "0.02"],
        permissions: ["--allow-env=AMID_TORCH,AMID_MPI,TF_CPP_MIN_LOG_LEVEL"],
      });
    let output = await measured();
    for (let tries = 1; tries < 8 && output.stderr.includes("Cannot measure the link"); tries += 1) {
      output = await measured();
    }
    const { code, stdout, stderr } = output;
    assert(code === 0, stderr);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const operations = lines.filter(({ collective }) => collective);
    assertEquals([...new Set(operations.map(({ collective }) => collective))].length, 4);
    assertEquals(operations.slice(0, 4).map(({ bytes }) => bytes), [1000, 4096, 16384, 65536]);
    assert(operations.every(({ seconds, ranks, nodes }) => seconds > 0 && ranks === 2 && nodes === 1));
    assertEquals(lines.length, operations.length + 1);
    const { inside } = constantsOf(at(...lines));
    assertEquals(inside, lines.at(-1).link);
  },
);

testWithMpi("bench ranks takes steps on two ranks, which a plan can predict", async () => {
  const { code, stdout, stderr } = await ranksOutput(2, new URL("../../tasks/bench.ts", import.meta.url), {
    args: ["ranks", "--batch", "3", "--steps", "1", "--teacher", "student"],
    permissions: ["--allow-env=AMID_TORCH,AMID_MPI,TF_CPP_MIN_LOG_LEVEL"],
  });
  assert(code === 0, stderr);
  const [line, ...others] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals([others.length, line.ranks, line.extent.rows], [0, 2, 3]);
  assert(line.secondsPerStep >= line.summingSeconds && line.summingSeconds > 0 && line.gradientBytes > 1e6);
});

Deno.test("plan --check reports that there is no launcher, and wants a teacher", async () => {
  await assertRejects(
    () => main(["--check", "1", "--mpirun", "no-such-launcher"]),
    UsageError,
    "--mpirun names no program",
  );
  await assertRejects(() => main(["--check", "1", "--teacher", "none"]), UsageError, "--teacher must name a shape");
});
