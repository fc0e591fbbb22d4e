/**
 * How long a pipeline takes, and how much of it is done.
 *
 * @module
 */
import { fitsConfiguration, type RunRecord } from "../../../lib/runs/records/run_record.ts";
import { formatTable } from "../table.ts";
import { type Cell, cellsOf, type Known, plannedRuns } from "./cells.ts";
import type { Pipeline } from "./place.ts";
import type { Phase } from "./recipe.ts";
import { wantedConfiguration } from "./run_cell.ts";

/** The records that fit what the pipeline asks for; others, of other sizes or settings, count as absent. */
export async function fittingRecords(
  pipeline: Pipeline,
  records: ReadonlyMap<string, RunRecord>,
): Promise<Map<string, RunRecord>> {
  const known = new Map<string, RunRecord>();
  // Each phase may depend on those before it.
  for (const phase of pipeline.recipe.phases) {
    for (const cell of cellsOf(pipeline.recipe, phase, known) ?? []) {
      const record = records.get(cell.name);
      if (record && fitsConfiguration(record, await wantedConfiguration(pipeline, cell))) known.set(cell.name, record);
    }
  }
  return known;
}

/** The runs of a pipeline that are known to be needed and not done. */
export function missingCells({ recipe }: Pipeline, known: Known): Cell[] {
  const missing = new Map<string, Cell>();
  for (const phase of recipe.phases) {
    const cells = cellsOf(recipe, phase, known);
    for (const cell of cells ?? []) if (!known.has(cell.name)) missing.set(cell.name, cell);
    if (!cells) break;
  }
  return [...missing.values()];
}

/** A phase's share of the work. */
export interface PhaseTime {
  what: string;
  runs: number;
  done: number;
  /** Minutes of a run: the mean of those that are done, otherwise the size's estimate. */
  minutes: number;
}

/** How long each phase takes. A run that two phases have in common counts in the first. */
export function phaseTimes({ recipe }: Pipeline, known: ReadonlyMap<string, RunRecord>): PhaseTime[] {
  const seen = new Set<string>();
  const planned = new Set<string>();
  return recipe.phases.map((phase) => {
    const expected = plannedRuns(recipe, phase).filter((run) => !planned.has(run));
    expected.forEach((run) => planned.add(run));
    const cells = cellsOf(recipe, phase, known);
    const own = (cells ?? []).filter(({ name }) => !seen.has(name));
    own.forEach(({ name }) => seen.add(name));
    const done = own.flatMap(({ name }) => known.get(name) ?? []);
    const seconds = done.reduce((sum, { seconds }) => sum + seconds, 0);
    const estimate = recipe.size.minutes[estimateOf(phase)] ?? NaN;
    return {
      what: phaseName(phase),
      runs: cells ? own.length : expected.length,
      done: done.length,
      minutes: done.length > 0 ? seconds / done.length / 60 : estimate,
    };
  });
}

const estimateOf = ({ kind }: Phase): string =>
  kind === "final" ? "evaluated" : kind === "on-policy" ? "policy" : "run";

/** A phase in words. */
export function phaseName(phase: Phase): string {
  switch (phase.kind) {
    case "rates":
      return `${phase.student}: learning rate of each method`;
    case "grid":
      return `${phase.student}: α × λ of ${phase.methods.join(", ")}`;
    case "final":
      return `${phase.student}: best of each, ${phase.seeds.length} seeds`;
    case "on-policy":
      return `${phase.student}: on-policy, ${phase.seeds.length} seeds`;
  }
}

/** The table of times, with the hours that are left. */
export function timesTable(times: readonly PhaseTime[]): string {
  const left = ({ runs, done, minutes }: PhaseTime) => (runs - done) * minutes / 60;
  // A size without estimates has none until a run is done.
  const known = (value: number) => Number.isFinite(value) ? value : undefined;
  const rows = times.map((time) => [time.what, time.runs, time.done, known(time.minutes), known(left(time))]);
  const sum = (of: (time: PhaseTime) => number) => times.reduce((total, time) => total + of(time), 0);
  return formatTable([
    ["", "runs", "done", "minutes each", "hours left"],
    ...rows,
    ["together", sum(({ runs }) => runs), sum(({ done }) => done), undefined, known(sum(left))],
  ], { decimals: 1 });
}
