import { useEngine } from "../../lib/engines/mod.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as sweep } from "../../tasks/sweep.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { playground, shortRunFlags } from "../support/playground.ts";

await useEngine("wasm");

const flagsOf = (root: string) => [...shortRunFlags(root), "--validate-every", "end"];
const bytesOf = (root: string, name: string) => Deno.readFile(`${root}/runs/${name}/student/model.safetensors`);
const stateFiles = (folder: string) =>
  [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".states")).length;

Deno.test("task distill --teacher-cache disk ends in the same bits, in its own folder or in one that runs share", async () => {
  const root = await playground();
  const run = (name: string, ...flags: string[]) =>
    distill([...flagsOf(root), "--name", name, ...flags], `${root}/runs`);
  const shared = `${root}/runs/states`;
  assertEquals(await run("memory"), 0);
  assertEquals(await run("own", "--teacher-cache", "disk"), 0);
  assertEquals(await run("first", "--teacher-cache", "disk", "--teacher-cache-folder", shared), 0);
  const written = stateFiles(shared);
  assert(written > 0 && written === stateFiles(`${root}/runs/own/teacher-states`), `${written} files`);
  assertEquals(await run("second", "--teacher-cache", "disk", "--teacher-cache-folder", shared), 0);
  assertEquals(stateFiles(shared), written);
  const expected = await bytesOf(root, "memory");
  for (const name of ["own", "first", "second"]) assertEquals(await bytesOf(root, name), expected);
  assertEquals(await run("none", "--no-teacher-cache"), 0);
  assertEquals(await run("half", "--teacher-cache", "disk", "--teacher-cache-type", "bfloat16"), 0);
  await assertRejects(
    () =>
      distill([
        ...flagsOf(root).slice(2),
        "--name",
        "other",
        "--teacher",
        `${root}/student`,
        "--teacher-cache",
        "disk",
        "--teacher-cache-folder",
        shared,
      ], `${root}/runs`),
    RangeError,
    "teacher is",
  );
});

Deno.test("task distill resumes from a run with states in memory on the disk, and reports nothing of it", async () => {
  const root = await playground();
  const flags = [...flagsOf(root), "--name", "trial"];
  await distill([...flags, "--stop-after", "3"], `${root}/runs`);
  assertEquals(await distill([...flags, "--resume", "--teacher-cache", "disk"], `${root}/runs`), 0);
  await distill([...flagsOf(root), "--name", "whole"], `${root}/runs`);
  assertEquals(await bytesOf(root, "trial"), await bytesOf(root, "whole"));
});

Deno.test("task distill refuses a folder for states that are not kept on the disk", async () => {
  const root = await playground();
  const flags = [...flagsOf(root), "--teacher-cache-folder", `${root}/runs/states`];
  await assertRejects(() => distill(flags, `${root}/runs`), UsageError, "only with --teacher-cache disk");
  await assertRejects(
    () => distill([...flags, "--no-teacher-cache"], `${root}/runs`),
    UsageError,
    "only with --teacher-cache disk",
  );
});

Deno.test("task sweep --teacher-cache disk shares the states between runs, a folder a teacher, in any number of processes", async () => {
  const root = await playground();
  const args = [...flagsOf(root).slice(2), "--teacher-cache", "disk"];
  const vary = ["--vary", "alpha=-1,0.5", "--vary", `teacher=${root}/teacher,${root}/student`];
  for (const jobs of ["1", "2"]) {
    assertEquals(await sweep([...args, ...vary, "--name", `jobs-${jobs}`, "--jobs", jobs], `${root}/runs`), 0);
    const folders = [...Deno.readDirSync(`${root}/runs/jobs-${jobs}/.shared`)].filter(({ isDirectory }) => isDirectory);
    assertEquals(folders.length, 2);
    const counts = folders.map(({ name }) => stateFiles(`${root}/runs/jobs-${jobs}/.shared/${name}`));
    assertEquals(new Set(counts).size, 1);
    assert(counts[0] > 0);
  }
  const table = (name: string) => Deno.readTextFile(`${root}/runs/${name}/table.csv`);
  assertEquals(await table("jobs-1"), await table("jobs-2"));
});
