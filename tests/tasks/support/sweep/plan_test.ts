import { planSweep } from "../../../../tasks/support/sweep/plan.ts";
import { gatherVary, readGridFile, readVary } from "../../../../tasks/support/sweep/grid.ts";
import { distillSchema } from "../../../../tasks/support/distill_setup.ts";
import { fieldsOf } from "../../../../tasks/support/field.ts";
import { UsageError } from "../../../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../../support/mod.ts";

const fields = fieldsOf(distillSchema);
const grid = (text: string) => readVary(text, fields);

Deno.test("planSweep() runs a combination that an objective does not distinguish once, and reports it", async () => {
  const { cells, notes } = await planSweep(grid("objective=amid,taid,forward-kl;alpha=0,1;lambda=0.2,0.4"), {});
  assertEquals(cells.map(({ name }) => name), [
    "objective_amid__alpha_0__lambda_0.2",
    "objective_amid__alpha_0__lambda_0.4",
    "objective_amid__alpha_1__lambda_0.2",
    "objective_amid__alpha_1__lambda_0.4",
    "objective_taid__lambda_0.2",
    "objective_taid__lambda_0.4",
    "objective_forward-kl",
  ]);
  assertEquals(notes, [
    "taid has no alpha: 4 combinations are 2 runs",
    "forward-kl has no alpha and no lambda: 4 combinations are one run",
  ]);
  const same = await planSweep(grid("alpha=1,1.0,1e0"), {});
  assertEquals(same.cells.length, 1);
});

Deno.test("planSweep() gives a setting for all runs to those objectives that have it", async () => {
  const { cells } = await planSweep(grid("objective=amid,gkd"), { lambda: "0.3", beta: "0.7", steps: "5" });
  assertEquals(cells.map(({ config: { lambda, beta, steps } }) => [lambda, beta, steps]), [
    [0.3, undefined, 5],
    [undefined, 0.7, 5],
  ]);
});

Deno.test("planSweep() names runs so that each can be a folder of its own", async () => {
  const { cells } = await planSweep(grid("alpha=-inf,inf;teacher=a/b,a-b"), {});
  assertEquals(new Set(cells.map(({ name }) => name)).size, 4);
  assert(cells.every(({ name }) => /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name)));
  assert(cells.some(({ name }) => name === "alpha_-inf__teacher_a-b"));
  const long = await planSweep(grid(`tokenizer=${"x".repeat(200)}y,${"x".repeat(200)}z`), {});
  assert(long.cells[0].name !== long.cells[1].name && long.cells[0].name.length <= 80);
});

Deno.test("readGridFile() and readVary() read the same lists", async () => {
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, `{"alpha": [-1, "inf"], "teacherCache": [true, false], "batch-size": [2]}`);
  const fromFile = await readGridFile(path, fields);
  assertEquals(fromFile, readVary("alpha=-1, inf; teacher-cache=true,false\nbatchSize=2", fields));
  assertEquals([...fromFile.keys()], ["alpha", "teacherCache", "batchSize"]);
  for (const text of ["[1]", `{"alpha": 1}`, `{"alpha": [null]}`, `{"alpha": []}`, `{"alpha": [1],}`]) {
    await Deno.writeTextFile(path, text);
    await assertRejects(() => readGridFile(path, fields), UsageError, path);
  }
});

Deno.test("gatherVary() keeps every list, and all other arguments in their order", () => {
  assertEquals(gatherVary(["--steps", "3", "--vary", "a=1", "--name", "x", "--vary=b=2"]), [
    "--steps",
    "3",
    "--name",
    "x",
    "--vary=a=1\nb=2",
  ]);
  assertEquals(gatherVary(["--help"]), ["--help"]);
  assertThrows(() => grid("alpha=1;alpha=2"), UsageError, "already has a list");
});
