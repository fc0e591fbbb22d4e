import type { RunRecord } from "../../../../lib/runs/records/run_record.ts";
import { cellsOf } from "../../../../tasks/support/reproduce/cells.ts";
import { readRecipe } from "../../../../tasks/support/reproduce/recipe.ts";
import { wantedConfiguration } from "../../../../tasks/support/reproduce/run_cell.ts";
import { fittingRecords, missingCells, phaseTimes, timesTable } from "../../../../tasks/support/reproduce/times.ts";
import { assert, assertEquals } from "../../../support/mod.ts";

const recipe = await readRecipe("tasks/configs/smollm2.json", "ci");
const pipeline = { recipe, work: "runs/smollm2-ci" };

/** Records of the first phase. */
async function firstRecords(): Promise<Map<string, RunRecord>> {
  const records = new Map<string, RunRecord>();
  for (const cell of cellsOf(recipe, recipe.phases[0], new Map())!) {
    const { name, method: { name: method }, student, seed } = cell;
    const configuration = await wantedConfiguration(pipeline, cell);
    const metrics = { validLoss: 3, startLoss: 4, teacherLoss: 2, klToTeacher: 1, agreement: 0.5, studentEntropy: 1 };
    const record = { name, method, student, seed, configuration, metrics, seconds: 120 };
    records.set(name, record as unknown as RunRecord);
  }
  return records;
}

Deno.test("fittingRecords() has the records whose settings are those that are asked for, whatever folder they are from", async () => {
  const records = await firstRecords();
  assertEquals([...(await fittingRecords(pipeline, records)).keys()], [...records.keys()]);
  const elsewhere = { ...pipeline, work: "elsewhere" };
  assertEquals((await fittingRecords(elsewhere, records)).size, 4);
  for (const [setting, value] of [["steps", 5], ["learningRate", 0.5], ["rows", ["dolly=25"]], ["batchSize", 4.5]]) {
    const [[name, record], ...others] = records;
    const changed = { ...record, configuration: { ...record.configuration, [setting as string]: value } };
    const fitting = await fittingRecords(pipeline, new Map([[name, changed as RunRecord], ...others]));
    assertEquals([...fitting.keys()], others.map(([name]) => name), String(setting));
  }
  const larger = { ...pipeline, recipe: { ...recipe, size: { ...recipe.size, flags: {} } } };
  assertEquals((await fittingRecords(larger, records)).size, 0);
});

Deno.test("missingCells() has what the records leave, up to the phase whose choices are not made", async () => {
  const records = await firstRecords();
  assertEquals(missingCells(pipeline, new Map()).map(({ name }) => name), [...records.keys()]);
  const [first] = records.keys();
  records.delete(first);
  // The grid of AMiD follows from its own learning rate; the best of each needs all.
  const left = missingCells(pipeline, records).map(({ name }) => name);
  assertEquals(left, [first, ...["-1", "0.5"].map((alpha) => `half-amid-pr-kl-a${alpha}-l0.1-r1e-3-s1`)]);
});

Deno.test("phaseTimes() takes the minutes of a run from those that are done, otherwise from the size", async () => {
  const known = await firstRecords();
  const [rates, grid] = phaseTimes(pipeline, known);
  assertEquals([rates.runs, rates.done, rates.minutes], [4, 4, 2]);
  assertEquals([grid.runs, grid.done, grid.minutes], [2, 0, recipe.size.minutes.run]);
  const table = timesTable(phaseTimes(pipeline, known));
  assert(/together +11 +4/.test(table), table);
});
