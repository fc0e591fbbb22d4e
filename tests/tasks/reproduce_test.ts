import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { randomStream } from "../../lib/random/random.ts";
import { type ModelRecord, readRunRecords } from "../../lib/runs/records/run_record.ts";
import { main } from "../../tasks/reproduce.ts";
import { SETS } from "../../tasks/support/reproduce/prepare_rows.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** A folder of data as the pipeline needs it, of made-up rows. */
async function dataFolder(root: string): Promise<string> {
  const birds = ["heron", "stork", "crane", "ibis", "egret", "curlew", "plover", "snipe"];
  const row = (i: number) => `What is known of the ${birds[i % birds.length]} number ${i}?`;
  const answer = (i: number) => `It is bird ${i}.`;
  const write = async (path: string, rows: object[]) => {
    const file = join(root, "data", path);
    await Deno.mkdir(join(file, ".."), { recursive: true });
    await Deno.writeTextFile(file, rows.map((row) => JSON.stringify(row) + "\n").join(""));
  };
  const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);
  for (const [at, [name, path]] of Object.entries(SETS).entries()) {
    const rows = numbers(1000 * (at + 1), 6);
    await write(
      path,
      name === "gsm8k"
        ? rows.map((i) => ({ question: row(i), answer: `${answer(i)}\n#### ${i}` }))
        : rows.map((i) => ({ instruction: row(i), input: "", output: answer(i) })),
    );
  }
  // Row 1000 is one of a set: it must be left out.
  const dolly = [...numbers(0, 30), 1000];
  await write("dolly/dev.jsonl", dolly.map((i) => ({ instruction: row(i), input: "", output: answer(i) })));
  await write(
    "gsm8k/train.jsonl",
    numbers(500, 30).map((i) => ({ question: row(i), answer: `<<1+1=2>>${answer(i)}` })),
  );
  return join(root, "data");
}

const flagsOf = (data: string): string[] => ["smollm2", "--size", "ci", "--data", data];

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("task reproduce carries out the whole pipeline, killed or stopped at any moment, as if it had not been", async () => {
  const root = await Deno.makeTempDir();
  const data = await dataFolder(root);
  const begin = () => {
    const args = ["run", "--quiet", "--allow-all", `${repository}tasks/reproduce.ts`, ...flagsOf(data)];
    return new Deno.Command(Deno.execPath(), { args, cwd: root, stdout: "null", stderr: "piped" }).spawn();
  };
  for (const name of ["tasks", "data/teacher", "data/tokenizer"]) {
    if (name.startsWith("data/")) await Deno.mkdir(join(root, "data"), { recursive: true });
    await Deno.symlink(join(repository, name), join(root, name));
  }
  const random = randomStream(5);
  let killed = 0;
  for (; killed < 6; killed++) {
    const child = begin();
    const said = new Response(child.stderr).text();
    await delay(2000 + random.below(6000));
    // Every other time it is asked to stop, and stops with what it has; before it listens, the signal ends it.
    const asked = killed % 2 === 1 && Deno.build.os !== "windows";
    child.kill(asked ? "SIGTERM" : "SIGKILL");
    const { code } = await child.status;
    const text = await said;
    if (asked) assert([130, 143].includes(code), `it ended with ${code}: ${text}`);
  }
  const { code, stderr } = await begin().output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const work = join(root, "runs", "smollm2-ci");
  const records = await readRunRecords(join(work, "records"));
  assertEquals(records.size, 11);
  const { counts, leftOut } = JSON.parse(await Deno.readTextFile(join(work, "data", "rows.json")));
  assertEquals([counts["train.jsonl"], counts["valid.jsonl"], leftOut], [48, 8, { dolly: 1, gsm8k: 0 }]);
  const train = await Deno.readTextFile(join(work, "data", "train.jsonl"));
  assert(!train.includes("number 1000?") && !train.includes("<<"));
  for (const { name, metrics, curve, sets, checkpoint, diverged } of records.values()) {
    assertEquals([curve.steps, diverged], [4, undefined], name);
    assert(metrics!.validLoss > 0 && metrics!.klToTeacher > 0 && metrics!.agreement <= 1, name);
    assertEquals(Object.keys(sets ?? {}), checkpoint ? Object.keys(SETS) : [], name);
    for (const set of Object.values(sets ?? {})) assertEquals(set.rougeL.length, 4, name);
  }
  const models = await readRunRecords<ModelRecord>(join(work, "models"));
  assertEquals([...models.values()].map(({ name, sets }) => [name, Object.keys(sets)]), [
    ["start-half", Object.keys(SETS)],
    ["teacher", Object.keys(SETS)],
  ]);
  const table = await Deno.readTextFile(join(work, "table.md"));
  for (const text of ["11 of 11 runs are recorded", "| teacher |", "| SeqKD |", "α = 0.5", "## What a run takes"]) {
    assert(table.includes(text), `${text} in\n${table}`);
  }
  // Nothing is left of runs that are recorded.
  const left = [...Deno.readDirSync(work)].map(({ name }) => name).filter((name) => name.startsWith("half-"));
  assertEquals(left, []);
  assertEquals([...records.values()].filter(({ sets }) => sets).map(({ seed }) => seed), [1, 1, 1, 1, 1]);

  const undisturbed = join(root, "again");
  assertEquals(await main([...flagsOf(data), "--limit", "2"], undisturbed), 0);
  const again = await readRunRecords(join(undisturbed, "smollm2-ci", "records"));
  assertEquals(again.size, 2);
  for (const [name, { metrics, curve, configuration, weights }] of again) {
    const before = records.get(name)!;
    assertEquals([metrics, curve, configuration, weights], [
      before.metrics,
      before.curve,
      before.configuration,
      before.weights,
    ], name);
  }
});

Deno.test("task reproduce says what it lacks", async () => {
  const root = await Deno.makeTempDir();
  await assertRejects(
    () => main(["smollm2", "--size", "tiny"], root),
    UsageError,
    "one of full, recorded, ci is needed",
  );
  await assertRejects(() => main(["smollm3"], root), UsageError, "smollm3.json");
  await assertRejects(() => main(flagsOf(join(root, "none")), root), UsageError, "--data names the folder");
});
