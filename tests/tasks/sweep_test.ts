import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { main } from "../../tasks/sweep.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { playground, playgroundFlags } from "../support/playground.ts";

await useEngine("wasm");

const namesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => isDirectory && !name.startsWith(".") ? [name] : [])
    .sort();
const table = (folder: string) => Deno.readTextFile(`${folder}/table.md`);
const vary = ["--vary", "objective=amid,gkd,forward-kl", "--vary", "alpha=-1,0.5", "--vary", "seed=1,2"];

/** Runs the task in a process of its own, and ends it as Ctrl-C would once it says so. */
async function interrupted(args: string[], root: string, when: string): Promise<number> {
  const program = new URL("../../tasks/sweep.ts", import.meta.url).href;
  const code = `import { main } from ${JSON.stringify(program)};
Deno.exit(await main(${JSON.stringify(args)}, ${JSON.stringify(root)}));`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  let asked = false;
  for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += part;
    if (asked || !said.includes(when)) continue;
    asked = true;
    child.kill("SIGINT");
  }
  const { code: status } = await child.status;
  assert(said.includes("To continue: the same command again"), said);
  return status;
}

Deno.test("task sweep that is interrupted continues where it was, and ends with one table", async () => {
  const root = await playground();
  const args = [...playgroundFlags(root), "--name", "orders", ...vary, "--steps", "30", "--validate-every", "10"];
  assertEquals(await interrupted(args, `${root}/runs`, "run 3 of 8"), 130);
  const folder = `${root}/runs/orders`;
  const done = namesIn(folder).filter((name) => {
    try {
      return Deno.statSync(`${folder}/${name}/result.json`).isFile;
    } catch {
      return false;
    }
  });
  assert(done.length >= 2 && done.length < 8, `${done.length} runs were done`);
  const written = done.map((name) => Deno.statSync(`${folder}/${name}/result.json`).mtime!.getTime());

  assertEquals(await main(args, `${root}/runs`), 0);
  assertEquals(done.map((name) => Deno.statSync(`${folder}/${name}/result.json`).mtime!.getTime()), written);
  assertEquals(namesIn(folder), [
    "objective_amid__alpha_-1__seed_1",
    "objective_amid__alpha_-1__seed_2",
    "objective_amid__alpha_0.5__seed_1",
    "objective_amid__alpha_0.5__seed_2",

    "objective_forward-kl__seed_1",
    "objective_forward-kl__seed_2",
    "objective_gkd__seed_1",
    "objective_gkd__seed_2",
  ]);
  const lines = (await table(folder)).trim().split("\n").slice(2);
  assertEquals(lines.map((line) => line.split(" | ").slice(0, 3).join(" ")).sort(), [
    "| amid -1 2",
    "| amid 0.5 2",
    "| forward-kl – 2",
    "| gkd – 2",
  ]);
  const page = await Deno.readTextFile(`${folder}/sweep.html`);
  assert(page.includes("8 runs of 4 settings.") && page.includes("gkd has no alpha: 4 combinations are 2 runs"));
  assertEquals((await Deno.readTextFile(`${folder}/table.csv`)).split("\n").length, 6);
  // The same command once more runs nothing, and the table stays.
  const before = await table(folder);
  assertEquals(await main(args, `${root}/runs`), 0);
  assertEquals(await table(folder), before);
  await assertRejects(() => main([...args, "--steps", "31"], `${root}/runs`), UsageError, "steps was 30, now it is 31");
  assertEquals(await main([...args, "--samples", "1"], `${root}/runs`), 0);
});

Deno.test("task sweep scores teacher and start once for each draw of the data, and runs end as they do alone", async () => {
  const root = await playground();
  const args = [...playgroundFlags(root), "--name", "shared", "--vary", "alpha=0,1", "--vary", "seed=1,2"];
  const before = tf.memory().numTensors;
  assertEquals(await main(args, `${root}/runs`), 0);
  assertEquals(tf.memory().numTensors, before);
  const folder = `${root}/runs/shared`;
  assertEquals([...Deno.readDirSync(`${folder}/.shared`)].length, 4);
  const { main: distill } = await import("../../tasks/distill.ts");
  assertEquals(await distill([...playgroundFlags(root), "--name", "alone", "--alpha", "1", "--seed", "2"], root), 0);
  const weights = (path: string) => Deno.readFile(`${path}/student/model.safetensors`);
  assertEquals(await weights(`${folder}/alpha_1__seed_2`), await weights(`${root}/alone`));
});

Deno.test("task sweep records runs that diverge or fail, continues with the others, and ends with 1", async () => {
  const root = await playground();
  const lists = ["--vary", "learningRate=1e-3,1e38", "--vary", `teacher=${root}/teacher,${root}/nowhere`];
  const flags = playgroundFlags(root).slice(2);
  const args = [...flags, "--name", "rates", ...lists, "--clip-norm", "0"];
  assertEquals(await main(args, `${root}/runs`), 1);
  const folder = `${root}/runs/rates`;
  const { failures } = JSON.parse(await Deno.readTextFile(`${folder}/sweep.json`));
  const kinds = Object.values(failures as Record<string, { kind: string }>).map(({ kind }) => kind).sort();
  assertEquals(kinds, ["diverged", "failed", "failed"]);
  const { length } = (await table(folder)).trim().split("\n");
  assertEquals(length, 3);
  assert((await Deno.readTextFile(`${folder}/sweep.html`)).includes("diverged"));
  // What only failed is tried again, what diverged is not.
  await Deno.rename(`${root}/teacher`, `${root}/nowhere`);
  assertEquals(await main(args, `${root}/runs`), 1);
  const again = JSON.parse(await Deno.readTextFile(`${folder}/sweep.json`)).failures;
  assertEquals(Object.values(again as Record<string, { kind: string }>).map(({ kind }) => kind), [
    "diverged",
    "diverged",
  ]);
});

Deno.test("task sweep takes lengths in epochs, and resumes with them", async () => {
  const root = await playground();
  const flags = playgroundFlags(root).filter((flag, index, all) => flag !== "--steps" && all[index - 1] !== "--steps");
  const args = [...flags, "--name", "epochs", "--vary", "epochs=1,2"];
  assertEquals(await main(args, `${root}/runs`), 0);
  assertEquals(await main(args, `${root}/runs`), 0);
  const steps = async (name: string) =>
    JSON.parse(await Deno.readTextFile(`${root}/runs/epochs/${name}/config.json`)).training.steps;
  assertEquals([await steps("epochs_1"), await steps("epochs_2")], [2, 4]);
  await assertRejects(
    () => main([...args, "--batch-size", "4"], `${root}/runs`),
    UsageError,
    "batchSize was 2, now it is 4",
  );
});

Deno.test("task sweep --jobs 2 runs in processes of their own, with the same results", async () => {
  const root = await playground();
  const args = [...playgroundFlags(root), "--vary", "alpha=-inf,0.5"];
  assertEquals(await main([...args, "--name", "two", "--jobs", "2"], `${root}/runs`), 0);
  assertEquals(await main([...args, "--name", "one"], `${root}/runs`), 0);
  assertEquals(await table(`${root}/runs/two`), await table(`${root}/runs/one`));
  assertEquals((await table(`${root}/runs/two`)).trim().split("\n").length, 4);
});

Deno.test("task sweep refuses lists that make no sense before anything runs, naming list and value", async () => {
  const root = await playground();
  const cases: [string[], string][] = [
    [[], "--vary or --grid is needed"],
    [["--vary", "alhpa=1"], "alpha"],
    [["--vary", "alpha"], `"alpha"`],
    [["--vary", "alpha="], "values must not be empty, one is"],
    [["--vary", "alpha=1,x"], `"x"`],
    [["--vary", "lambda=0.1,2"], "2"],
    [["--vary", "objective=amid,amide"], `"amide"`],
    [
      ["--vary", "objective=gkd,forward-kl", "--vary", "alpha=0,1"],
      `"alpha": it has no effect in any run here, only with --objective amid`,
    ],
    [["--vary", "objective=gkd,forward-kl", "--skew", "0.2"], "--skew"],
    [["--vary", "alpha=1", "--vary", "alpha=2"], "it already has a list"],
    [["--vary", "alpha=1", "--alpha", "2"], "it already has one value for all runs, 2"],
    [["--vary", "name=a,b"], "the same for all runs"],
    [["--vary", "teacherCache=yes"], "true, false or memory or disk"],
    [["--vary", "keepBest=yes"], "true or false"],
    [["--vary", "alpha=1", "--jobs", "0"], "--jobs"],
    [["--vary", "alpha=1", "--name", "../x"], "../x"],
    [["--grid", `${root}/none.json`], "none.json"],
    [["--vary", "alpha=1", "--resume"], "--resume"],
  ];
  for (const [flags, part] of cases) {
    await assertRejects(() => main([...playgroundFlags(root), ...flags], `${root}/runs`), UsageError, part);
  }
  await assertRejects(() => Deno.stat(`${root}/runs`), Deno.errors.NotFound);
  await Deno.mkdir(`${root}/runs/sweep`, { recursive: true });
  await Deno.writeTextFile(`${root}/runs/sweep/notes`, "mine");
  const flags = [...playgroundFlags(root), "--vary", "alpha=1", "--overwrite"];
  await assertRejects(() => main(flags, `${root}/runs`), UsageError, "holds no sweep");
});
