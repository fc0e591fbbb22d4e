/**
 * The table of methods: the best of each by its answers.
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
import type { ModelRecord, RunMetrics, RunRecord } from "../../../lib/runs/records/run_record.ts";
import type { Recipe } from "./recipe.ts";

const fixed = (value: number | undefined, decimals = 2): string | undefined => value?.toFixed(decimals);

/** What the table of methods is made from. */
export interface MethodsTableOptions {
  /** The student that was trained. */
  student: string;
  /** All records. */
  records: readonly RunRecord[];
  /** The teacher and the starts, by name. */
  references: ReadonlyMap<string, ModelRecord>;
}

/** The best of each method by its answers, and its distance from the mixture with the lowest validation loss. */
export function methodsTable(recipe: Recipe, { student, records, references }: MethodsTableOptions): string[] {
  const finals = recordGroups(records.filter((record) => record.student === student && record.sets));
  if (finals.length === 0) return [];
  const scored = finals.toSorted((a, b) => groupMean(b, meanRougeL)!.mean - groupMean(a, meanRougeL)!.mean);
  const sets = Object.keys(finals[0].records[0].sets!);
  const isMixture = ({ method }: RecordGroup) => recipe.methods.find(({ name }) => name === method)?.mixture;
  const lossOf = (group: RecordGroup) => groupMean(group, ({ metrics }) => metrics?.validLoss)!.mean;
  // Not the one with the best answers: the sets would have chosen it.
  const [reference] = finals.filter(isMixture).sort((a, b) => lossOf(a) - lossOf(b));
  const rows = [
    ...referenceRows({
      student,
      references,
      losses: finals[0].records[0].metrics!,
      sets,
      compared: reference !== undefined,
    }),
    ...scored.map((group) => comparisonRow(recipe, { group, sets, reference })),
  ];
  const head = [
    "method",
    "seeds",
    ...sets,
    "mean ROUGE-L",
    ...reference ? ["AMiD − it, 95 %", "p"] : [],
    "valid loss",
    "gap closed",
    "KL(p‖q)",
    "agreement",
    "tokens",
    "repetition",
    "no end",
  ];
  return [`## The best of each method: ${student}`, markdownTable(head, rows), intervalText(scored, reference)];
}

const setMean = (sets: ModelRecord["sets"], of: "tokens" | "repetition" | "unfinished"): number => {
  const all = Object.values(sets);
  return all.reduce((sum, set) => sum + set[of], 0) / all.length;
};

/** The teacher, and the student before distillation. */
function referenceRows(
  { student, references, losses, sets, compared }: {
    student: string;
    references: MethodsTableOptions["references"];
    losses: RunMetrics;
    sets: readonly string[];
    compared: boolean;
  },
): (string | undefined)[][] {
  const named = [["teacher", "teacher", losses.teacherLoss], [
    `start-${student}`,
    "the start",
    losses.startLoss,
  ]] as const;
  return named.flatMap(([name, title, loss]) => {
    const record = references.get(name);
    if (!record) return [];
    return [[
      title,
      undefined,
      ...sets.map((set) => fixed(meanRougeL(record, set), 1)),
      fixed(meanRougeL(record)),
      ...compared ? [undefined, undefined] : [],
      fixed(loss, 3),
      undefined,
      undefined,
      undefined,
      fixed(setMean(record.sets, "tokens"), 0),
      fixed(setMean(record.sets, "repetition"), 3),
      fixed(setMean(record.sets, "unfinished"), 2),
    ]];
  });
}

function comparisonRow(
  recipe: Recipe,
  { group, sets, reference }: { group: RecordGroup; sets: readonly string[]; reference?: RecordGroup },
): (string | undefined)[] {
  const ofSets = (of: "tokens" | "repetition" | "unfinished") => (record: RunRecord) => setMean(record.sets!, of);
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
    mean(({ metrics }) => metrics && gapClosed(metrics)),
    mean(({ metrics }) => metrics?.klToTeacher, 3),
    mean(({ metrics }) => metrics?.agreement, 3),
    mean(ofSets("tokens"), 0),
    mean(ofSets("repetition"), 3),
    mean(ofSets("unfinished"), 2),
  ];
}

/** The share of the distance in validation loss from the start to the teacher. */
const gapClosed = ({ startLoss, validLoss, teacherLoss }: RunMetrics): number =>
  (startLoss - validLoss) / (startLoss - teacherLoss);

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
