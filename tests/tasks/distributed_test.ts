/** Tasks under mpirun, each rank a program of its own: results, deaths, signals, and what ranks are refused for. */
import { fileURLToPath } from "node:url";
import { useEngine } from "../../lib/engines/mod.ts";
import { checkManifest } from "../../lib/files/manifest.ts";
import { checkpointsIn } from "../../lib/training/run/checkpoint_store.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { flagsInside, playground } from "../support/playground.ts";
import { ranksCommand, taskPermissions, testWithMpi, testWithTwoHosts } from "../support/ranks.ts";
import { type TwoHosts, twoHosts } from "../support/two_hosts.ts";

await useEngine("wasm");

const repository = fileURLToPath(new URL("../../", import.meta.url));

interface RunOptions {
  root: string;
  name: string;
  flags?: readonly string[];
  hosts?: TwoHosts;
}

/** The task distill on ranks, its runs in `root/runs/`. */
function start(size: number, { root, name, flags = [], hosts }: RunOptions): Deno.ChildProcess {
  const args = [
    ...flagsInside(root),
    "--batch-size",
    "4",
    "--test-rows",
    "4",
    "--valid-rows",
    "4",
    "--validate-every",
    "5",
    "--name",
    name,
    "--distributed",
    ...flags,
  ];
  return ranksCommand(size, `${repository}tasks/distill.ts`, { args, permissions: taskPermissions, cwd: root, hosts })
    .spawn();
}

async function ended(child: Deno.ChildProcess): Promise<{ code: number; said: string; printed: string }> {
  const { code, stdout, stderr } = await child.output();
  const [printed, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, said, printed };
}

async function finished(child: Deno.ChildProcess): Promise<{ said: string; printed: string }> {
  const { code, said, printed } = await ended(child);
  assertEquals(code, 0, `${said}\n${printed}`);
  return { said, printed };
}

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a run has a checkpoint of a step or a later one. */
async function checkpointAt({ root, name }: RunOptions, step: number): Promise<void> {
  for (;;) {
    const paths = await checkpointsIn(`${root}/runs/${name}/checkpoints`);
    if (paths.some((path) => Number(path.slice(-8)) >= step)) return;
    await delay(20);
  }
}

/** The programs of a run's ranks. */
function programsOf({ name }: RunOptions): number[] {
  const { stdout } = new Deno.Command("pgrep", { args: ["-f", `^${Deno.execPath()} run .*--name ${name} `] })
    .outputSync();
  return new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line !== "").map(Number);
}

async function metricsOf({ root, name }: RunOptions) {
  const lines = (await Deno.readTextFile(`${root}/runs/${name}/metrics.jsonl`)).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  const figures = events.map(({ loss, gradNorm, validLoss }) => [loss ?? 0, gradNorm ?? 0, validLoss ?? 0]);
  return { kinds: events.map(({ type, step }) => `${type} ${step}`), figures: figures.flat() };
}

const resultOf = async ({ root, name }: RunOptions) =>
  JSON.parse(await Deno.readTextFile(`${root}/runs/${name}/result.json`));

async function assertSameRun(run: RunOptions, other: RunOptions): Promise<void> {
  const [metrics, expected] = [await metricsOf(run), await metricsOf(other)];
  assertEquals(metrics.kinds, expected.kinds);
  assertAllClose(metrics.figures, expected.figures, { atol: 1e-5, rtol: 1e-5 });
  const [scores, wanted] = [await resultOf(run), await resultOf(other)].map(({ teacher, start, student }) =>
    [teacher, start, student].flatMap(({ validLoss, rougeL, exactMatch }) => [validLoss, rougeL, exactMatch])
  );
  assertAllClose(scores, wanted, { atol: 1e-5, rtol: 1e-5 });
}

const steps = (count: number) => ["--steps", String(count), "--save-every", "1"];

testWithMpi("task distill on 2 ranks, also sharded, ends as on one, and one rank alone speaks", async () => {
  const root = await playground();
  const alone = { root, name: "alone", flags: ["--steps", "12"] };
  await finished(start(1, alone));
  for (const flags of [[], ["--shard-optimizer", "--teacher-cache", "disk", "--ema", "0.9"]]) {
    const run = { root, name: `two-${flags.length}`, flags: ["--steps", "12", ...flags] };
    const { said, printed } = await finished(start(2, run));
    if (flags.length === 0) await assertSameRun(run, alone);
    assertEquals(said.match(/^engine wasm on cpu of 2 ranks/gm)?.length, 1);
    assertEquals(printed.match(/^constant answer/gm)?.length, 1);
  }
});

/** A task on ranks, to its end; what it printed. */
async function onRanks(size: number, { task, root, args }: { task: string; root: string; args: readonly string[] }) {
  const permissions = ["--allow-write", "--allow-env"];
  const all = [...args, "--distributed"];
  return await finished(
    ranksCommand(size, `${repository}tasks/${task}.ts`, { args: all, permissions, cwd: root }).spawn(),
  );
}

testWithMpi("task sft on 3 ranks ends as on one", async () => {
  const root = await playground();
  const sizes = ["--layers", "1", "--hidden-size", "16", "--heads", "2", "--steps", "6", "--batch-size", "4"];
  const data = ["--data", root, "--tokenizer", `${repository}data/tokenizer`, "--valid-rows", "4", "--test-rows", "4"];
  const results = [];
  for (const size of [1, 3]) {
    const args = [...sizes, ...data, "--name", `sft-${size}`, "--shard-optimizer"];
    await onRanks(size, { task: "sft", root, args });
    const { model } = JSON.parse(await Deno.readTextFile(`${root}/runs/sft-${size}/result.json`));
    results.push([model.validLoss, model.rougeL, model.exactMatch]);
  }
  assertAllClose(results[1], results[0], { atol: 1e-5, rtol: 1e-5 });
});

testWithMpi("task evaluate on 2 ranks answers and scores as one, on the corpus and on sets", async () => {
  const root = await playground();
  const answers: string[] = [];
  const common = ["--model", "student", "--tokenizer", `${repository}data/tokenizer`, "--temperature", "1"];
  for (const size of [1, 2]) {
    const { printed } = await onRanks(size, {
      task: "evaluate",
      root,
      args: [...common, "--data", root, "--valid-rows", "4", "--test-rows", "4", "--max-new-tokens", "6"],
    });
    const { validLoss, rougeL } = JSON.parse(printed);
    answers.push(`${validLoss.toFixed(5)} ${rougeL.toFixed(5)}`);
    const sets = ["--sets", `birds=${root}/test.jsonl`, "--seeds", "1,2", "--name", `sets-${size}`];
    const lengths = ["--max-prompt-length", "60", "--max-length", "70", "--batch-size", "1"];
    // The second time everything is there already.
    for (let time = 0; time < 2; time++) {
      const { printed } = await onRanks(size, { task: "evaluate", root, args: [...common, ...sets, ...lengths] });
      answers[size - 1] += printed.replaceAll(`sets-${size}`, "sets");
    }
    for (const seed of [1, 2]) {
      answers[size - 1] += await Deno.readTextFile(
        `${root}/runs/sets-${size}/answers/student/birds/seed-${seed}.jsonl`,
      );
    }
  }
  assertEquals(answers[1], answers[0]);
});

testWithMpi("task data on 3 ranks prepares the bytes of one, of instructions and of plain text", async () => {
  const root = await Deno.makeTempDir();
  const line = (index: number) =>
    JSON.stringify({ instruction: `Name wader ${index}.`, output: "heron ".repeat(index % 7 + 1) });
  await Deno.writeTextFile(`${root}/rows.jsonl`, Array.from({ length: 1300 }, (_, index) => line(index)).join("\n"));
  const text = (index: number) => JSON.stringify({ text: `On day ${index} the heron waited. `.repeat(40) });
  await Deno.writeTextFile(`${root}/texts.jsonl`, Array.from({ length: 700 }, (_, index) => text(index)).join("\n"));
  for (const [name, flags] of [["rows", []], ["texts", ["--kind", "text", "--tokens", "90000"]]] as const) {
    for (const size of [1, 3]) {
      const tokenizer = ["--tokenizer", `${repository}data/tokenizer`, "--workers", "0"];
      const args = ["mine", "--input", `${name}.jsonl`, "--output", `${name}-${size}`, ...tokenizer, ...flags];
      await onRanks(size, { task: "data", root, args });
    }
    const files = [...Deno.readDirSync(`${root}/${name}-1`)].map(({ name }) => name).sort();
    assertEquals(files, [...Deno.readDirSync(`${root}/${name}-3`)].map(({ name }) => name).sort());
    for (const file of files) {
      const [one, three] = await Promise.all([1, 3].map((size) => Deno.readFile(`${root}/${name}-${size}/${file}`)));
      assert(one.length === three.length && one.every((byte, index) => byte === three[index]), `${file} differs`);
    }
  }
});

testWithTwoHosts("task distill on two hosts ends as on one", async () => {
  await using hosts = await twoHosts();
  const root = await playground();
  const flags = ["--steps", "8", "--shard-optimizer"];
  const [alone, both] = [{ root, name: "alone", flags }, { root, name: "both", flags, hosts }];
  await finished(start(1, alone));
  await finished(start(2, both));
  await assertSameRun(both, alone);
});

testWithMpi(
  "task distill whose rank is killed is gone within 10 s, names it, and resumes with 1 and 4 ranks",
  async () => {
    const root = await playground();
    const run = { root, name: "killed", flags: steps(100_000) };
    const child = start(2, run);
    const outcome = ended(child);
    await checkpointAt(run, 3);
    const programs = programsOf(run);
    assertEquals(programs.length, 2);
    Deno.kill(programs[1], "SIGKILL");
    const { code, said } = await Promise.race([outcome, delay(10_000).then(() => ({ code: -1, said: "it goes on" }))]);
    assert(code > 0, said);
    assert(/process rank [01] with PID \d+ on node \S+ exited on signal 9/.test(said), said);
    // The launcher may end before the processes that it has ended are gone.
    const until = Date.now() + 10_000;
    while (programsOf(run).length > 0 && Date.now() < until) await delay(100);
    assertEquals(programsOf(run), []);
    const [last] = (await checkpointsIn(`${root}/runs/killed/checkpoints`)).slice(-1);
    await checkManifest(last);
    for (const size of [1, 4]) {
      const from = Number((await checkpointsIn(`${root}/runs/killed/checkpoints`)).at(-1)!.slice(-8));
      const resumed = { ...run, flags: [...run.flags, "--resume", "--stop-after", String(from + 2)] };
      const { code, said } = await ended(start(size, resumed));
      assert(code === 130, said);
      assert(said.includes(`resuming after step ${from}`) && said.includes(`Stopped after step ${from + 2}.`), said);
      assert(size === 1 || said.includes("ranks is absent there, 4 here"), said);
    }
  },
);

testWithMpi("task distill saves when one rank gets the signal to stop, and all ranks end with it", async () => {
  const root = await playground();
  for (const [index, signal] of (["SIGUSR2", "SIGTERM"] as const).entries()) {
    const run = { root, name: `told-${index}`, flags: [...steps(100_000), "--save-every", "end"] };
    const child = start(2, run);
    const outcome = ended(child);
    while (!(await Deno.readTextFile(`${root}/runs/${run.name}/metrics.jsonl`).catch(() => "")).includes('"step":3,')) {
      await delay(20);
    }
    Deno.kill(programsOf(run)[index], signal);
    const { code, said } = await outcome;
    assert(code === 130, said);
    const step = /Stopped after step (\d+)\. To continue: mpirun -n 2 deno task distill --config \S+ --resume/.exec(
      said,
    )
      ?.[1];
    const [saved] = await checkpointsIn(`${root}/runs/${run.name}/checkpoints`);
    assertEquals(saved.slice(-8), step?.padStart(8, "0"));
    await checkManifest(saved);
  }
});

testWithMpi("task distill reports on one rank why all ranks end, and leaves earlier checkpoints whole", async () => {
  const root = await playground();
  const run = {
    root,
    name: "diverges",
    flags: [...steps(60), "--learning-rate", "1e30", "--clip-norm", "0", "--warmup-steps", "4"],
  };
  const { code, said } = await ended(start(2, run));
  assert(code > 0, said);
  assertEquals(said.match(/^rank 0: error: Cannot take step/gm)?.length, 1, said);
  assert(!said.includes("rank 1: error"), said);
  for (const path of await checkpointsIn(`${root}/runs/diverges/checkpoints`)) await checkManifest(path);
  await Deno.stat(`${root}/runs/diverges/failures`);
});

testWithMpi("task distill refuses ranks with other flags, without --distributed, or with a folder in use", async () => {
  const root = await playground();
  const command = (flags: readonly string[]) => {
    const program = [Deno.execPath(), "run", "--quiet", "--allow-read", "--allow-env", "--allow-ffi", "--allow-write"];
    return [...program, `${repository}tasks/distill.ts`, "--name", "odd", ...flags];
  };
  const together = async (...each: string[][]) => {
    const ranks = each.flatMap((flags, index) => [...index > 0 ? [":"] : [], "-n", "1", ...command(flags)]);
    const { env, ...rest } = { env: { OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" }, cwd: root };
    const launched = new Deno.Command("mpirun", {
      args: ["--oversubscribe", ...ranks],
      env,
      ...rest,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    return await ended(launched.spawn());
  };
  const cases: [string[], string[], RegExp][] = [
    [["--distributed"], ["--distributed", "--alpha", "0.3"], /--alpha is 0\.3 on rank 1, absent on rank 0/],
    [["--steps", "5"], ["--steps", "5"], /Cannot run on 2 ranks: --distributed is needed/],
    [["--distributed", "--batch-sise", "4"], ["--distributed", "--batch-sise", "4"], /there is no flag --batch-sise/],
    [["--distributed", "--engine", "wasm", "--device", "cuda"], [
      "--distributed",
      "--engine",
      "wasm",
      "--device",
      "cuda",
    ], /cuda/],
    [
      ["--distributed=nccl", "--engine", "wasm"],
      ["--distributed=nccl", "--engine", "wasm"],
      /NCCL needs the engine torch on a CUDA device/,
    ],
  ];
  for (const [first, second, text] of cases) {
    const { code, said } = await together(first, second);
    assert(code > 0 && text.test(said), said);
    assertEquals(said.match(/^(rank \d: )?error: /gm)?.length, 1, said);
  }
});
