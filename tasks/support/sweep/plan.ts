/**
 * The runs of a sweep: every combination of the lists that makes sense, each once.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { objectiveOptionNames } from "../../../lib/objectives/mod.ts";
import type { ObjectiveName } from "../../../lib/objectives/options.ts";
import { type DistillConfig, distillSchema } from "../distill_setup.ts";
import { type Field, fieldsOf } from "../field.ts";
import { objectiveOf } from "../objective_fields.ts";
import { type ParsedTask, parseTask } from "../schema.ts";
import { UsageError } from "../usage_error.ts";
import type { Grid } from "./grid.ts";

/** A run of a sweep. */
export interface SweepCell {
  /** The name of its folder. */
  name: string;
  /** What it has of what is varied, the seed included where that is varied. */
  values: Record<string, string | number | boolean>;
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
}

/** Settings that belong to an option of the objective under another name. */
const optionOf: Record<string, string> = {
  ...{ divergenceAlpha: "divergence", divergenceBeta: "divergence" },
  ...{ alphaSchedule: "alpha", alphaEnd: "alpha", lambdaSchedule: "lambda", lambdaEnd: "lambda" },
};
/** Settings that only some objectives have. */
const ofObjectives = [
  ...["divergence", "divergenceAlpha", "divergenceBeta", "order", "alpha", "lambda", "beta", "skew", "mu", "weight"],
  ...["detachAssistant", "alphaSchedule", "alphaEnd", "lambdaSchedule", "lambdaEnd"],
];

const applies = (key: string, objective: string): boolean =>
  !ofObjectives.includes(key) || objectiveOptionNames(objective as ObjectiveName).includes(optionOf[key] ?? key);

/**
 * Plans a sweep.
 *
 * An objective that lacks an option takes no part in that option's list: its combinations that differ in nothing else are
 * one run, and a note says so.
 *
 * @param grid What is varied.
 * @param base What all runs have, as texts by key.
 * @param options Where these came from, flags or a file.
 * @returns The runs, those that share data and teacher behind one another.
 * @throws {UsageError} If a combination makes no sense, or a setting applies to no run; the message names it.
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
  for (const combination of combinations) {
    const given = { ...base, ...combination };
    const objective = given.objective ?? "amid";
    const known = fields.find(({ key }) => key === "objective")!.choices!.includes(objective);
    const kept = Object.entries(given).filter(([key]) => !known || applies(key, objective));
    kept.forEach(([key]) => used.add(key));
    const { config, origins: flags } = await configOf(Object.fromEntries(kept), fields);
    const varied = [...grid.keys()].filter((key) => kept.some(([name]) => name === key));
    const values = Object.fromEntries(
      varied.map((key) => [key, config[key as keyof DistillConfig] as string | number | boolean]),
    );
    const id = JSON.stringify(Object.entries(values).map(([key, value]) => [key, String(value)]));
    if (!cells.has(id)) cells.set(id, { name: "", values, config, origins: { ...flags, ...originsOf(kept, origins) } });
    const dropped = Object.keys(combination).filter((key) => !varied.includes(key));
    if (dropped.length > 0) {
      const note = merged.get(objective) ?? { dropped: new Set(), combinations: 0, runs: new Set() };
      dropped.forEach((key) => note.dropped.add(key));
      note.combinations += 1;
      note.runs.add(id);
      merged.set(objective, note);
    }
  }
  const idle = Object.keys(base).find((key) => !used.has(key));
  if (idle) {
    throw new UsageError(`Cannot use ${fields.find(({ key }) => key === idle)!.flag}: no objective here has it`);
  }
  const idleList = [...grid.keys()].find((key) => !used.has(key));
  if (idleList) throw new UsageError(`Cannot vary "${idleList}": no objective here has it`);
  const list = named(inGroups([...cells.values()]));
  for (const cell of list) cell.config.name = cell.name;
  const notes = [...merged].map(([objective, { dropped, combinations, runs }]) =>
    `${objective} has no ${[...dropped].join(" and no ")}: ` +
    `${combinations} combinations are ${runs.size === 1 ? "one run" : `${runs.size} runs`}`
  );
  return { cells: list, notes };
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
  const parsed = await parseTask({ name: "sweep", description: "", schema: distillSchema, args });
  objectiveOf(parsed.config);
  return parsed;
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

/** The longest name that a run gets from its values. */
const LONGEST = 80;

/** Names each run by its values; a name that is too long, or does not tell two runs apart, gets a hash. */
function named(cells: SweepCell[]): SweepCell[] {
  const plain = cells.map(({ values }) => {
    const parts = Object.entries(values).map(([key, value]) => `${key}_${String(value).replace("Infinity", "inf")}`);
    const name = parts.join("__") || "run";
    const safe = name.replace(/[^\p{L}\p{N}._-]/gu, "-").replace(/\.$/, "-");
    return { name: safe.slice(0, LONGEST), exact: safe === name && safe.length <= LONGEST };
  });
  return cells.map((cell, index) => {
    const { name, exact } = plain[index];
    if (exact) return { ...cell, name };
    const hash = createHash("sha256").update(JSON.stringify(Object.entries(cell.values).map(String))).digest("hex");
    return { ...cell, name: `${name.slice(0, LONGEST - 9)}-${hash.slice(0, 8)}` };
  });
}
