/**
 * A pipeline carried out: data, models, and every run that has no record yet.
 *
 * @module
 */
import { folderFingerprint } from "../../../lib/evaluation/fingerprint.ts";
import { type RunRecord, writeRunRecord } from "../../../lib/runs/records/run_record.ts";
import { onInterrupt } from "../interrupt.ts";
import { progress } from "../progress.ts";
import { commitOf, type Pipeline, placesOf } from "./place.ts";
import { dropCheckpoints, engineFlags, modelSteps } from "./prepare_models.ts";
import { evaluateReferences } from "./references.ts";
import { dropRun, runCell } from "./run_cell.ts";
import { runStep, type Step } from "./run_step.ts";
import { missingCells, phaseTimes } from "./times.ts";

/** Options for {@linkcode carryOut}. */
export interface CarryOutOptions {
  /** Records that fit, by name; those of runs that end are added. */
  known: Map<string, RunRecord>;
  /** The folder of the records. */
  records: string;
  /** The machine, in words. */
  machine: string;
  /** Runs after which it ends; all if absent. */
  limit?: number;
  /** Whether folders of recorded runs are kept. */
  keepRuns: boolean;
}

/** Carries it out. @returns The exit status: 0 at the end, 130 where it was stopped. */
export async function carryOut(pipeline: Pipeline, options: CarryOutOptions): Promise<number> {
  const { known, records, machine, limit = Infinity, keepRuns } = options;
  const { work, recipe } = pipeline;
  using interrupt = onInterrupt({ announce: () => console.error("stopping; the same command continues") });
  const { signal } = interrupt;
  const run = (step: Step, label: string) =>
    runStep(step, { signal, say: (line) => console.error(`[${label}] ${line}`) });
  for (let done = 0;; done++) {
    const [cell] = missingCells(pipeline, known);
    if (!cell || done >= limit) return 0;
    // Each run needs the teacher and its own start; what is there is kept.
    const answers = cell.method.data === "answers";
    for (const step of modelSteps(pipeline, { students: [cell.student], answers })) {
      if (await step.done()) continue;
      console.error(step.label);
      const { status, failure } = await run(step, step.label.split(":")[0]);
      // The step of an earlier start that was killed may have done it while this one waited for it to end.
      if (failure && !await step.done()) throw new Error(`Cannot continue ${step.label}: ${failure.message}`);
      if (status === 130) return 130;
      await dropCheckpoints(step);
    }
    const times = phaseTimes(pipeline, known);
    const bar = progress({
      label: recipe.title,
      total: times.reduce((sum, { runs }) => sum + runs, 0),
      start: known.size,
    });
    bar.log(`${cell.name}, ${known.size} runs are done`);
    const places = placesOf(pipeline);
    const weights = {
      teacher: (await folderFingerprint(places.teacher)).slice(0, 12),
      start: (await folderFingerprint(places.start(cell.student))).slice(0, 12),
    };
    const about = { commit: await commitOf(), machine, weights };
    if (cell.evaluated) {
      const { student } = cell;
      const place = { commit: about.commit, machine, engine: engineFlags(pipeline).join(" ") };
      const asking = { records, student, place, run: (step: Step) => run(step, `references of ${student}`) };
      if (!await evaluateReferences(pipeline, asking)) return 130;
    }
    const record = await runCell(cell, { pipeline, about, run: (step) => run(step, cell.name) });
    if (!record) return 130;
    await writeRunRecord(records, record);
    known.set(record.name, record);
    bar.update({ step: known.size });
    bar.done();
    if (!keepRuns) await dropRun(work, cell.name);
  }
}
