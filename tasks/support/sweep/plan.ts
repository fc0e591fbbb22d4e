/**
 * The runs of a sweep: every combination of the lists that makes sense, each once.
 *
 * @module
 */
import { runNames, type SweepRun } from "../../../lib/runs/sweep/sweep_run.ts";
import { type DistillConfig, distillSchema } from "../distill_setup.ts";
import { checkEffects, type Idle, idleSettings } from "../effects.ts";
import { type Field, fieldsOf, flagOf } from "../field.ts";
import { type ParsedTask, parseTask } from "../schema.ts";
import { mixtureOf } from "../trainer_options.ts";
import { distillEffects } from "../training_effects.ts";
import { UsageError } from "../usage_error.ts";
import type { Grid } from "./grid.ts";

/** A run of a sweep: what it has of what is varied, the seed included where that is varied, and its settings. */
export interface SweepCell extends SweepRun {
  /** All of its settings. */
  config: DistillConfig;
  /** Where those that are no defaults came from. */
  origins: Record<string, string>;
}

/** The runs, and what is to be said of them. */
export interface SweepPlan {
  cells: SweepCell[];
  /** Combinations that were put together, a sentence each. */
  notes: string[];
  /** What is odd about the settings, a sentence each. */
  warnings: string[];
}

/** A combination of values, and what of it has no effect there. */
interface Reduced extends ParsedTask<typeof distillSchema> {
  /** What is left, as texts. */
  kept: Record<string, string>;
  /** What has no effect, whether it is left out or not. */
  idle: Idle[];
}

/** Leaves out of a combination what has no effect in it; what all runs have stays where a flag is only warned about. */
async function reduced(
  given: { base: Readonly<Record<string, string>>; combination: Readonly<Record<string, string>> },
  fields: readonly Field[],
): Promise<Reduced> {
  const idle = new Map<string, Idle>();
  for (let kept: Record<string, string> = { ...given.base, ...given.combination };;) {
    const parsed = await configOf(kept, fields);
    const found = idleSettings(parsed.config, distillEffects, parsed.origins).filter(({ reason }) => !reason);
    found.forEach((one) => idle.set(one.key, one));
    const out = found.filter(({ key, warn }) => key in given.combination || !warn);
    if (out.length === 0) {
      mixtureOf(parsed.config);
      return { ...parsed, kept, idle: [...idle.values()] };
    }
    kept = Object.fromEntries(Object.entries(kept).filter(([key]) => !out.some((one) => one.key === key)));
  }
}

/** What decides that settings have no effect: `forward-kl`, or `policy off`. */
function decider(idle: readonly Idle[], config: DistillConfig): string {
  const keys = [...new Set(idle.flatMap(({ needs }) => needs.keys))];
  const deciding = keys.includes("objective") ? ["objective"] : keys;
  return deciding.map((key) => {
    const value = config[key as keyof DistillConfig];
    return value === undefined ? `no ${key}` : key === "objective" ? String(value) : `${key} ${value}`;
  }).join(" with ");
}

/**
 * Plans a sweep.
 *
 * A setting that has no effect in a combination, such as an option that its objective lacks, is left out of it:
 * combinations that differ in nothing else are one run, and a note says so.
 *
 * @param grid What is varied.
 * @param base What all runs have, as texts by key.
 * @param options Where these came from, flags or a file.
 * @returns The runs, those that share data and teacher behind one another.
 * @throws {UsageError} If a combination is invalid, or a setting applies to no run; the message names it.
 */
export async function planSweep(
  grid: Grid,
  base: Readonly<Record<string, string>>,
  { origins = {} }: { origins?: Readonly<Record<string, string>> } = {},
): Promise<SweepPlan> {
  const fields = fieldsOf(distillSchema);
  const combinations = product([...grid]);
  const cells = new Map<string, SweepCell>();
  const merged = new Map<string, { dropped: Set<string>; combinations: number; runs: Set<string> }>();
  const used = new Set<string>();
  const reasons = new Map<string, Idle>();
  const warnings = new Set<string>();
  for (const combination of combinations) {
    const { config, origins: flags, kept, idle } = await reduced({ base, combination }, fields);
    Object.keys(kept).filter((key) => !idle.some((one) => one.key === key)).forEach((key) => used.add(key));
    idle.forEach((one) => reasons.set(one.key, one));
    const given = { ...flags, ...originsOf(Object.entries(kept), origins) };
    checkEffects(config, { fields, effects: distillEffects, origins: given }).warnings.forEach((one) =>
      warnings.add(one)
    );
    const varied = [...grid.keys()].filter((key) => key in kept);
    const values = Object.fromEntries(
      varied.map((key) => [key, config[key as keyof DistillConfig] as string | number | boolean]),
    );
    const id = JSON.stringify(Object.entries(values).map(([key, value]) => [key, String(value)]));
    if (!cells.has(id)) cells.set(id, { name: "", values, config, origins: given });
    const dropped = idle.filter(({ key }) => key in combination);
    if (dropped.length > 0) {
      const subject = decider(dropped, config);
      const note = merged.get(subject) ?? { dropped: new Set(), combinations: 0, runs: new Set() };
      dropped.forEach(({ key }) => note.dropped.add(key));
      note.combinations += 1;
      note.runs.add(id);
      merged.set(subject, note);
    }
  }
  const idle = Object.keys(base).filter((key) => !used.has(key));
  for (const key of idle) {
    const flag = flagOf(key);
    const { needs, warn } = reasons.get(key)!;
    const reason = `it has no effect in any run here, only with ${needs.needed}`;
    const fromFlag = origins[key]?.startsWith("--") ?? true;
    if (fromFlag && !warn) throw new UsageError(`Cannot use ${flag}: ${reason}`);
    warnings.add(fromFlag ? `${flag}: ${reason}` : `"${key}" in ${origins[key]}: ${reason}`);
  }
  const idleList = [...grid.keys()].find((key) => !used.has(key));
  if (idleList) {
    const { needs } = reasons.get(idleList)!;
    throw new UsageError(`Cannot vary "${idleList}": it has no effect in any run here, only with ${needs.needed}`);
  }
  const list = inGroups([...cells.values()]);
  const names = runNames(list.map(({ values }) => values));
  for (const [index, cell] of list.entries()) cell.name = cell.config.name = names[index];
  const notes = [...merged].map(([subject, { dropped, combinations, runs }]) =>
    `${subject} has no ${[...dropped].join(" and no ")}: ` +
    `${combinations} combinations are ${runs.size === 1 ? "one run" : `${runs.size} runs`}`
  );
  return { cells: list, notes, warnings: [...warnings] };
}

/** Every choice of one value from each list, the last list changing fastest. */
function product(lists: readonly (readonly [string, readonly string[]])[]): Record<string, string>[] {
  return lists.reduce<Record<string, string>[]>(
    (all, [key, values]) => all.flatMap((before) => values.map((value) => ({ ...before, [key]: value }))),
    [{}],
  );
}

async function configOf(
  given: Readonly<Record<string, string>>,
  fields: readonly Field[],
): Promise<ParsedTask<typeof distillSchema>> {
  const args = Object.entries(given).map(([key, value]) => {
    const { flag, kind } = fields.find((field) => field.key === key)!;
    if (kind !== "boolean") return `${flag}=${value}`;
    if (value !== "true" && value !== "false") {
      throw new UsageError(`Cannot use ${flag}: true or false is needed, current value is ${JSON.stringify(value)}`);
    }
    return value === "true" ? flag : flag.replace("--", "--no-");
  });
  return await parseTask({ name: "sweep", description: "", schema: distillSchema, args });
}

const originsOf = (kept: readonly [string, string][], origins: Readonly<Record<string, string>>) =>
  Object.fromEntries(kept.flatMap(([key]) => key in origins ? [[key, origins[key]]] : []));

/** Runs of one teacher and one draw of the data behind one another, so that these are loaded once. */
function inGroups(cells: SweepCell[]): SweepCell[] {
  const groups = Map.groupBy(cells, ({ config }) => {
    const {
      engine,
      device,
      precision,
      teacherPrecision,
      teacher,
      tokenizer,
      data,
      kinds,
      trainRows,
      validRows,
      testRows,
      seed,
    } = config;
    const { batchSize, microBatchSize } = config;
    const drawn = [data, kinds, trainRows, validRows, testRows, seed, batchSize, microBatchSize];
    return JSON.stringify([engine, device, precision, teacherPrecision, teacher, tokenizer, ...drawn]);
  });
  return [...groups.values()].flat();
}
