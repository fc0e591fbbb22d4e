import { type Cell, cellsOf, type Known, plannedRuns } from "../../../../tasks/support/reproduce/cells.ts";
import { readRecipe, type Recipe } from "../../../../tasks/support/reproduce/recipe.ts";
import { UsageError } from "../../../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../../../support/mod.ts";

const path = "tasks/configs/smollm2.json";
const metrics = (validLoss: number) => ({
  metrics: { validLoss, startLoss: 0, teacherLoss: 0, klToTeacher: 0, agreement: 0, studentEntropy: 0 },
});

/** Carries a pipeline out with a made-up loss for each run. */
function carriedOut(recipe: Recipe, lossOf: (cell: Cell) => number): { cells: Cell[]; known: Known } {
  const known = new Map<string, ReturnType<typeof metrics>>();
  const cells: Cell[] = [];
  for (const phase of recipe.phases) {
    const list = cellsOf(recipe, phase, known);
    assert(list, `${phase.kind} must follow from the phases before`);
    for (const cell of list) {
      if (known.has(cell.name)) continue;
      known.set(cell.name, metrics(lossOf(cell)));
      cells.push(cell);
    }
  }
  return { cells, known };
}

const flag = ({ flags }: Cell, name: string) => flags.find((one) => one.startsWith(`--${name}=`))?.split("=")[1];

/** A loss that is lowest at a rate that differs by method, and at one α and λ. */
const loss = (cell: Cell): number => {
  const best = cell.method.name.length % 2 === 0 ? 1e-4 : 4e-4;
  const [alpha, lambda] = [Number(flag(cell, "alpha") ?? 9), Number(flag(cell, "lambda") ?? 9)];
  return 5 + Math.abs(Math.log(Number(flag(cell, "learning-rate")) / best)) + Math.abs(alpha - 0) +
    Math.abs(lambda - 0.5);
};

Deno.test("cellsOf() takes each method's learning rate, α and λ from the runs with the lowest validation loss", async () => {
  const recipe = await readRecipe(path, "recorded");
  const { cells } = carriedOut(recipe, loss);
  const finals = cells.filter(({ evaluated }) => evaluated);
  for (const cell of finals) {
    const { method } = cell;
    const base = recipe.methods.find(({ name }) => name === method.rateOf) ?? method;
    assertEquals(flag(cell, "learning-rate"), base.name.length % 2 === 0 ? "1e-4" : "4e-4", cell.name);
    if (base.mixture) assertEquals([flag(cell, "alpha"), flag(cell, "lambda")], ["0", "0.5"], cell.name);
  }
  const chosen = finals.filter(({ method, student }) => method.mixture && student === "half");
  assertEquals(chosen.map(({ seed }) => seed), [1, 2, 3]);
  assertEquals(new Set(cells.map(({ name }) => name)).size, cells.length);
});

Deno.test("plannedRuns() says how many runs there will be before any is done", async () => {
  for (const size of ["full", "recorded", "ci"]) {
    const recipe = await readRecipe(path, size);
    const planned = new Set(recipe.phases.flatMap((phase) => plannedRuns(recipe, phase)));
    const { cells } = carriedOut(recipe, loss);
    assertEquals(cells.length, planned.size, size);
  }
});

Deno.test("cellsOf() has no runs of a phase whose choices are not made yet", async () => {
  const recipe = await readRecipe(path, "recorded");
  const [rates, grid] = recipe.phases;
  const first = cellsOf(recipe, rates, new Map())!;
  assertEquals(first.length, 13 * 3);
  const known = new Map(first.slice(0, -1).map((cell) => [cell.name, metrics(loss(cell))]));
  assertEquals(recipe.phases.map((phase) => cellsOf(recipe, phase, new Map())?.length).slice(1), [
    ...recipe.phases.slice(1).map(() => undefined),
  ]);
  assertEquals(cellsOf(recipe, grid, known)?.length, 16);
  assertEquals(cellsOf(recipe, recipe.phases[3], new Map()), undefined);
});

Deno.test("cellsOf() never chooses a run that diverged", async () => {
  const recipe = await readRecipe(path, "recorded");
  const known = new Map<string, Partial<ReturnType<typeof metrics>>>();
  for (const cell of cellsOf(recipe, recipe.phases[0], known)!) {
    known.set(cell.name, flag(cell, "learning-rate") === "4e-4" ? metrics(7) : {});
  }
  for (const cell of cellsOf(recipe, recipe.phases[1], known)!) assertEquals(flag(cell, "learning-rate"), "4e-4");
});

Deno.test("readRecipe() names a size and a method that are not there", async () => {
  await assertRejects(() => readRecipe(path, "huge"), UsageError, "full, recorded, ci is needed");
  const file = JSON.parse(await Deno.readTextFile(path));
  file.phases.push({ kind: "grid", student: "half", methods: ["amidst"], alpha: ["0"], lambda: ["0"] });
  const changed = `${await Deno.makeTempDir()}/p.json`;
  await Deno.writeTextFile(changed, JSON.stringify(file));
  await assertRejects(() => readRecipe(changed, "recorded"), UsageError, "no amidst");
  file.phases.at(-1).kind = "gird";
  await Deno.writeTextFile(changed, JSON.stringify(file));
  await assertRejects(() => readRecipe(changed, "recorded"), UsageError, "p.json");
});
