/**
 * The tables of a pipeline, from its records alone.
 *
 * @module
 */
import { markdownTable } from "../../../lib/runs/records/markdown_table.ts";
import {
  groupDifference,
  groupMean,
  meanRougeL,
  type RecordGroup,
  recordGroups,
} from "../../../lib/runs/records/record_groups.ts";
import type { RunRecord } from "../../../lib/runs/records/run_record.ts";
import { median } from "../../../lib/runs/records/run_curve.ts";
import type { Recipe } from "./recipe.ts";
import { gridTables, ratesTable } from "./table_choices.ts";

/** What the tables are made from. */
export interface TableOptions {
  recipe: Recipe;
  /** The records that fit, by name. */
  known: ReadonlyMap<string, RunRecord>;
  /** Runs that the pipeline has in all. */
  planned: number;
}

/** All tables, with what they can and cannot say. */
export function pipelineTables(options: TableOptions): string {
  const { recipe, known, planned } = options;
  const records = [...known.values()];
  const about = [
    `# ${recipe.title}`,
    `${records.length} of ${planned} runs are recorded. This file is made from \`runs/\` by \`deno task reproduce\`.`,
    cutsText(recipe),
    placesText(records),
  ];
  if (records.length === 0) return about.join("\n\n") + "\n";
  const sections = [
    ...Object.keys(recipe.students).flatMap((student) => comparison(recipe, { student, records })),
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

const fixed = (value: number | undefined, decimals = 2): string | undefined => value?.toFixed(decimals);

/** The best of each method by its answers, and its distance from the best mixture. */
function comparison(
  recipe: Recipe,
  { student, records }: { student: string; records: readonly RunRecord[] },
): string[] {
  const finals = recordGroups(records.filter((record) => record.student === student && record.sets));
  if (finals.length === 0) return [];
  const scored = finals.toSorted((a, b) => groupMean(b, meanRougeL)!.mean - groupMean(a, meanRougeL)!.mean);
  const sets = Object.keys(finals[0].records[0].sets!);
  const reference = scored.find(({ method }) => recipe.methods.find(({ name }) => name === method)?.mixture);
  const rows = scored.map((group) => comparisonRow(recipe, { group, sets, reference }));
  const head = [
    "method",
    "seeds",
    ...sets,
    "mean ROUGE-L",
    ...reference ? ["AMiD − it, 95 %", "p"] : [],
    "valid loss",
    "KL(p‖q)",
    "agreement",
    "tokens",
    "repetition",
    "no end",
  ];
  return [`## The best of each method: ${student}`, markdownTable(head, rows), intervalText(scored, reference)];
}

function comparisonRow(
  recipe: Recipe,
  { group, sets, reference }: { group: RecordGroup; sets: readonly string[]; reference?: RecordGroup },
): (string | undefined)[] {
  const ofSets = (of: "tokens" | "repetition" | "unfinished") => (record: RunRecord) => {
    const all = Object.values(record.sets ?? {});
    return all.reduce((sum, set) => sum + set[of], 0) / all.length;
  };
  const mean = (of: (record: RunRecord) => number | undefined, decimals?: number) =>
    fixed(groupMean(group, of)?.mean, decimals);
  const all = groupMean(group, (record) => meanRougeL(record))!;
  const between = reference && reference !== group ? groupDifference(reference, group) : undefined;
  return [
    titleOf(recipe, group),
    String(group.records.length),
    ...sets.map((set) => mean((record) => meanRougeL(record, set), 1)),
    all.deviation === undefined ? fixed(all.mean) : `${fixed(all.mean)} ± ${fixed(all.deviation)}`,
    ...reference
      ? [
        between && `${signed(between.difference)} [${signed(between.low)}, ${signed(between.high)}]`,
        between && fixed(between.pValue, 3),
      ]
      : [],
    mean(({ metrics }) => metrics?.validLoss, 3),
    mean(({ metrics }) => metrics?.klToTeacher, 3),
    mean(({ metrics }) => metrics?.agreement, 3),
    mean(ofSets("tokens"), 0),
    mean(ofSets("repetition"), 3),
    mean(ofSets("unfinished"), 2),
  ];
}

const signed = (value: number): string => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

/** A method in words, with α and λ where they were chosen. */
export function titleOf({ methods }: Recipe, { method, records }: RecordGroup): string {
  const title = methods.find(({ name }) => name === method)?.title ?? method;
  const { alpha, lambda } = records[0].configuration;
  return title.startsWith("AMiD") && alpha !== undefined ? `${title}, α = ${alpha}, λ = ${lambda}` : title;
}

/** What the intervals allow to be said. */
function intervalText(groups: readonly RecordGroup[], reference?: RecordGroup): string {
  const kinds = "The interval is that of a paired bootstrap over questions and seeds; nothing is corrected for the " +
    "number of comparisons.";
  if (!reference) return kinds;
  const others = groups.filter((group) => group !== reference);
  const found = others.map((group) => ({ group, between: groupDifference(reference, group)! }));
  const better = found.filter(({ between }) => between.low > 0).length;
  const worse = found.filter(({ between }) => between.high < 0).length;
  return `${kinds} Of ${others.length} others, AMiD is above ${better} and below ${worse} by intervals that exclude 0; ` +
    `the other ${others.length - better - worse} cannot be told from it.`;
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
      fixed(median(list.map(({ stepSeconds }) => stepSeconds))),
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
