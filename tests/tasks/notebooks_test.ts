import { join } from "node:path";
import { type NotebookCell, parseNotebook } from "../../lib/notebooks/notebook_file.ts";
import { main } from "../../tasks/notebooks.ts";
import { findJupyter, runNotebook, writeKernel } from "../../tasks/support/notebook_runner.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects, assertThrows, testUnless } from "../support/mod.ts";
import { testWithPython } from "../support/python.ts";

const libraryPart = (name: string) => new URL(`../../lib/${name}/mod.ts`, import.meta.url).href;

/** Where names of packages mean what they mean in this project; ignored by git. */
const scratch = new URL("../../.jupyter/", import.meta.url).pathname;

/** A folder with one notebook of these cells. */
async function folderWith(...sources: string[]): Promise<{ folder: string; path: string; [Symbol.dispose](): void }> {
  await Deno.mkdir(scratch, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: scratch });
  const cells = sources.map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    execution_count: null,
    metadata: {},
    outputs: [],
    source,
  }));
  const kernelspec = { name: "deno", display_name: "Deno", language: "typescript" };
  const path = join(folder, "01_cells.ipynb");
  await Deno.writeTextFile(path, JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
  return { folder, path, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}

const cellsOf = async (path: string): Promise<NotebookCell[]> =>
  parseNotebook(await Deno.readTextFile(path), path).cells;

testWithPython(
  ["nbclient"],
  "main() runs notebooks in the Deno kernel; live figures end in their last state",
  async () => {
    using place = await folderWith(
      `import { liveFigure } from "${libraryPart("notebooks")}";
       import { trainingLossFigure } from "${libraryPart("figures")}"; const points = [{ step: 1, loss: 3 }];`,
      `const live = await liveFigure(trainingLossFigure(points), { interval: 0 });
     points.push({ step: 2, loss: 0.125 });
     await live.update(() => trainingLossFigure(points));
     await live.finish();
     Deno.cwd()`,
    );
    const { path, folder } = place;
    const flags = ["--from", folder, "--folder", join(folder, "kernel")];
    const before = await Deno.readTextFile(path);
    assertEquals(await main(flags), 0);
    assertEquals(await Deno.readTextFile(path), before, "a notebook changed that was only to be run");
    assertEquals(await main([...flags, "--only", "01", "--keep-outputs"]), 0);
    const [, cell] = await cellsOf(path);
    const contents = cell.outputs!.map(({ data }) => JSON.stringify(data));
    assertEquals(contents.length, 2, "plotly.js was kept");
    assert(contents[0].includes("figure of each step"), contents[0].slice(0, 200));
    assert(contents[1].includes(await Deno.realPath(folder)), "the notebook's folder is not the current one");
    assertEquals(await main(["--from", folder, "--clear"]), 0);
    assertEquals((await cellsOf(path)).map(({ outputs }) => outputs), [[], []]);
  },
);

testWithPython(["nbclient"], "runNotebook() names the cell that failed, and main() ends with 1", async () => {
  using place = await folderWith("1 + 1", 'throw new RangeError("too far")', "3");
  const { path, folder } = place;
  const kernel = join(folder, "kernel");
  await writeKernel(kernel);
  const python = findJupyter((name) => Deno.env.get(name));
  const { failure } = await runNotebook(path, { python, folder: kernel, seconds: 60 });
  assertEquals(failure?.cell, 2);
  assert(failure!.error.includes("too far"), failure!.error);
  assertEquals(await main(["--from", folder, "--folder", kernel, "--keep-outputs"]), 1);
  assertEquals((await cellsOf(path)).map(({ outputs }) => outputs), [[], [], []], "outputs of a failed run were kept");
});

testWithPython(["nbclient"], "runNotebook() ends a cell that takes too long", async () => {
  using place = await folderWith("await new Promise((resolve) => setTimeout(resolve, 60_000))");
  const kernel = join(place.folder, "kernel");
  await writeKernel(kernel);
  const python = findJupyter((name) => Deno.env.get(name));
  const { failure } = await runNotebook(place.path, { python, folder: kernel, seconds: 2 });
  assert(failure!.error.includes("more than 2 seconds"), failure!.error);
});

Deno.test("findJupyter() reports which command fixes a Python without Jupyter's client", () => {
  assertThrows(() => findJupyter(() => "/nowhere/python"), Error, "python3 -m venv .python && .python/bin/pip install");
  assertThrows(() => findJupyter(() => "/nowhere/python"), Error, "/nowhere/python is not there");
});

Deno.test("writeKernel() reports how to fix a folder that it cannot write", async () => {
  const file = await Deno.makeTempFile();
  await assertRejects(() => writeKernel(file), Error, "chmod");
  await Deno.remove(file);
});

Deno.test("main() of notebooks refuses names, folders and flags that make no sense", async () => {
  using place = await folderWith("1");
  await assertRejects(() => main(["--from", place.folder, "--only", "07"]), UsageError, "01_cells.ipynb is needed");
  await assertRejects(() => main(["--from", "/nowhere"]), UsageError, "--from");
  await assertRejects(() => main(["--clear", "--keep-outputs"]), UsageError, "--clear");
  const empty = await Deno.makeTempDir();
  await assertRejects(() => main(["--from", empty]), UsageError, "the folder must have at least one");
  await Deno.remove(empty);
});

Deno.test("main() of notebooks reports how to fix a notebook that it may not write", async () => {
  using place = await folderWith("1");
  const cleared = JSON.parse(await Deno.readTextFile(place.path));
  cleared.cells[0].execution_count = 3;
  await Deno.writeTextFile(place.path, JSON.stringify(cleared));
  // What the file is written through is a folder here: that stops a superuser too.
  await Deno.mkdir(`${place.path}.partial`);
  await assertRejects(() => main(["--from", place.folder, "--clear"]), Error, "to fix it");
});

const notebooks = new URL("../../notebooks/", import.meta.url);
for (const { name } of [...Deno.readDirSync(notebooks)].filter(({ name }) => name.endsWith(".ipynb"))) {
  const statement = `${name} runs without an error`;
  if (!Deno.env.get("CI")) {
    testUnless("deno task notebooks runs them, and CI does", statement, () => {});
  } else {
    testWithPython(["nbclient"], statement, async () => {
      const folder = await Deno.makeTempDir();
      assertEquals(await main(["--only", name, "--folder", folder]), 0);
      await Deno.remove(folder, { recursive: true });
    });
  }
}

Deno.test("notebooks keep no output that weighs megabytes, and no program", async () => {
  for (const { name } of [...Deno.readDirSync(notebooks)].filter(({ name }) => name.endsWith(".ipynb"))) {
    const text = await Deno.readTextFile(new URL(name, notebooks));
    assert(text.length < 1_000_000 && !text.includes("amidPlotly"), name);
  }
});
