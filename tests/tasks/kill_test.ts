import { fileURLToPath } from "node:url";
import { randomStream } from "../../lib/random/random.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { checkManifest } from "../../lib/files/manifest.ts";
import { checkpointsIn } from "../../lib/training/run/checkpoint_store.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { flagsInside, playground } from "../support/playground.ts";

await useEngine("wasm");

const KILLS = 12;
const repository = fileURLToPath(new URL("../../", import.meta.url));

/** The task as a program of its own, its runs in `root/runs/`. */
function start(root: string, name: string): Deno.ChildProcess {
  const flags = [
    ...flagsInside(root),
    "--policy",
    "mixed",
    "--policy-probability",
    "0.8",
    "--replay-schedule",
    "constant",
    "--replay-capacity",
    "4",
    "--max-new-tokens",
    "3",
    "--ema",
    "0.9",
    "--lambda-schedule",
    "adaptive",
    "--lambda-end",
    "1",
    "--steps",
    "90",
    "--batch-size",
    "2",
    "--save-every",
    "1",
    "--keep-last",
    "2",
    "--validate-every",
    "7",
    "--test-rows",
    "1",
    "--valid-rows",
    "2",
    "--name",
    name,
    "--resume",
    "auto",
  ];
  const permissions = ["--allow-read", "--allow-write", "--allow-env"];
  const args = ["run", "--quiet", ...permissions, `${repository}tasks/distill.ts`, ...flags];
  return new Deno.Command(Deno.execPath(), { args, cwd: root, stdout: "null", stderr: "piped" }).spawn();
}

async function finish(child: Deno.ChildProcess): Promise<void> {
  const { code, stderr } = await child.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Names in the folder of checkpoints; none while it is not there. */
function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return [];
  }
}

const lastStep = (folder: string) =>
  Math.max(0, ...namesIn(folder).flatMap((name) => /^step-\d+$/.test(name) ? [Number(name.slice(5))] : []));

/** Metrics without what clocks and the system's memory say. */
async function metricsOf(folder: string): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(`${folder}/metrics.jsonl`);
  return text.trim().split("\n").map((line) => {
    const { seconds: _, metrics = {}, ...rest } = JSON.parse(line);
    const { tokensPerSecond: _speed, residentBytes: _memory, ...told } = metrics;
    return { ...rest, metrics: told };
  });
}

Deno.test("task distill killed at twelve random moments and resumed ends in the bytes of a run left alone", async () => {
  const root = await playground();
  await finish(start(root, "alone"));
  const folder = `${root}/runs/killed/checkpoints`;
  const random = randomStream(20);
  let inMidSave = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = start(root, "killed");
    const stderr = new Response(child.stderr).text();
    let ended = false;
    child.status.then(() => ended = true);
    // Some lives end in the midst of a save, some at the very beginning, the others some time after a step or two.
    const [from, steps, save] = [lastStep(folder), 1 + random.below(3), kill % 3 === 1];
    const moment = () => {
      if (kill === 0) return namesIn(`${root}/runs/killed`).includes("config.json");
      if (lastStep(folder) < from + steps) return false;
      return !save || namesIn(folder).some((name) => name.endsWith(".partial"));
    };
    while (!ended && !moment()) await delay(1);
    if (!save) await delay(random.below(30));
    assert(!ended, `life ${kill} ended by itself: ${ended && await stderr}`);
    child.kill("SIGKILL");
    await child.status;
    await stderr;
    if (namesIn(folder).some((name) => name.endsWith(".partial"))) inMidSave += 1;
    for (const path of await checkpointsIn(folder)) await checkManifest(path);
  }
  assert(inMidSave >= 3, `only ${inMidSave} of ${KILLS} lives ended in the midst of a save`);
  await finish(start(root, "killed"));

  assertEquals(await metricsOf(`${root}/runs/killed`), await metricsOf(`${root}/runs/alone`));
  for (const path of ["student/model.safetensors", "student-average/model.safetensors"]) {
    const [alone, killed] = await Promise.all(
      ["alone", "killed"].map((name) => Deno.readFile(`${root}/runs/${name}/${path}`)),
    );
    assert(alone.length > 0 && alone.every((byte, index) => byte === killed[index]), `${path} differs`);
  }
  const sources = new Set((await metricsOf(`${root}/runs/alone`)).map(({ source }) => source));
  assert(["corpus", "student", "buffer"].every((source) => sources.has(source)), "all sources of rows were in use");
  assertEquals(namesIn(folder).toSorted(), ["step-00000089", "step-00000090"]);
  await Deno.remove(root, { recursive: true });
});
