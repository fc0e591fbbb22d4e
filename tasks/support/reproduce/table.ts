/**
 * The tables of a pipeline, from its records alone.
 *
 * @module
 */
import { markdownTable } from "../../../lib/runs/records/markdown_table.ts";
import type { ModelRecord, RunRecord } from "../../../lib/runs/records/run_record.ts";
import { median } from "../../../lib/runs/records/run_curve.ts";
import type { Recipe } from "./recipe.ts";
import { methodsTable } from "./table_methods.ts";
import { gridTables, ratesTable } from "./table_choices.ts";

/** What the tables are made from. */
export interface TableOptions {
  recipe: Recipe;
  /** The records that fit, by name. */
  known: ReadonlyMap<string, RunRecord>;
  /** The teacher and the starts, by name. */
  references: ReadonlyMap<string, ModelRecord>;
  /** Runs that the pipeline has in all. */
  planned: number;
}

/** All tables, with what they can and cannot say. */
export function pipelineTables(options: TableOptions): string {
  const { recipe, known, references, planned } = options;
  const records = [...known.values()];
  const about = [
    `# ${recipe.title}`,
    `${records.length} of ${planned} runs are recorded. This file is made from \`runs/\` by \`deno task reproduce\`.`,
    cutsText(recipe),
    placesText(records),
  ];
  if (records.length === 0) return about.join("\n\n") + "\n";
  const sections = [
    ...Object.keys(recipe.students).flatMap((student) => methodsTable(recipe, { student, records, references })),
    ...ratesTable(recipe, records),
    ...gridTables(recipe, records),
    ...costTable(recipe, records),
  ];
  return [...about, ...sections].filter((part) => part !== "").join("\n\n") + "\n";
}

/** What was cut from the full protocol, which the configurations keep. */
function cutsText({ size: { cuts } }: Recipe): string {
  return cuts.length === 0
    ? ""
    : `Cut from the protocol of the configurations:\n\n${cuts.map((cut) => `- ${cut}`).join("\n")}`;
}

/** Where the runs were made, by which commits, from which weights. */
function placesText(records: readonly RunRecord[]): string {
  const all = (of: (record: RunRecord) => string) => [...new Set(records.map(of))].filter((text) => text).join("; ");
  if (records.length === 0) return "";
  const teachers = new Set(records.map(({ weights }) => weights.teacher)).size;
  const starts = new Set(records.map(({ student, weights }) => student + weights.start)).size;
  const students = new Set(records.map(({ student }) => student)).size;
  const same = teachers === 1 && starts === students
    ? "All runs of a student begin from the same weights."
    : `The runs begin from ${teachers} teachers and ${starts} starts of ${students} students: they were trained again.`;
  return `Machine: ${all(({ place }) => place.machine)}. Engine: ${all(({ place }) => place.engine)}. ` +
    `Commits: ${all(({ place }) => place.commit)}. ${same}`;
}

/** What a step of each method takes; only runs of one student are comparable. */
function costTable(recipe: Recipe, records: readonly RunRecord[]): string[] {
  const groups = Map.groupBy(records, ({ method, student }) => `${student}\0${method}`);
  const rows = [...groups.values()].map((list) => {
    const [{ method, student }] = list;
    const title = recipe.methods.find(({ name }) => name === method)?.title ?? method;
    return [
      `${title}, ${student}`,
      String(list.length),
      median(list.map(({ stepSeconds }) => stepSeconds)).toFixed(2),
      String(Math.round(median(list.map(({ peakMiB }) => peakMiB)))),
      String(Math.round(median(list.map(({ curve }) => curve.tokens)))),
    ];
  });
  return [
    "## What a run takes",
    markdownTable(["method", "runs", "seconds a step", "MiB", "tokens learned"], rows),
    "Medians over the runs. Where the machine was shared, seconds say little: other work lengthens them.",
  ];
}
