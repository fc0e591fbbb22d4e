/**
 * A sweep: runs that differ in some values, each in its own folder, ranked at the end.
 *
 * @module
 */
import { basename, join } from "node:path";
import { aFunction, aText, checkArguments, checkList, objectWith } from "../../arguments/check_arguments.ts";
import type { RunResult } from "../../figures/run_result.ts";
import { NonFiniteLossError } from "../../training/step/non_finite_loss_error.ts";
import { type SharedWork, sharedWork } from "../shared_work.ts";
import { checkUnchanged, type Failure, isDone, readRecord, recorded, resultOf, writeRecord } from "./sweep_record.ts";
import { writeSweepReport } from "./sweep_report.ts";
import { type SweepRun, sweepRuns, type ValuesOf, type Varied } from "./sweep_run.ts";

/** What a run of a sweep is given. */
export interface SweepContext {
  /** The run's name. */
  name: string;
  /** Its folder, in which an earlier start of it may have left checkpoints: let it resume with `"auto"`. */
  folder: string;
  /** Stops it. */
  signal: AbortSignal;
  /** What the sweep's runs share. */
  shared: SharedWork;
}

/** How a run ended: at its last step, stopped before, or failed where it does not throw. */
export type SweepEnd = { finished: boolean } | { failure: Failure };

/** Options for {@linkcode runSweep}, whose runs are given one by one. */
export interface RunSweepOptions<Run extends SweepRun> {
  /** The sweep's folder, with a folder for each run. */
  folder: string;
  /** Takes a run to its end; its folder must then have a `result.json`, as `trainRun()` with a report writes it. */
  run: (run: Run, context: SweepContext) => Promise<SweepEnd>;
  /**
   * Runs at a time. More than one only if `run` starts a separate process.
   *
   * @default {1}
   */
  jobs?: number;
  /** Stops the sweep. */
  signal?: AbortSignal;
  /** Receives a line for each run that begins or fails. */
  say?: (line: string) => void;
  /**
   * Names of settings in which an existing run may differ from the current request.
   *
   * @default {none}
   */
  free?: ReadonlySet<string>;
  /**
   * What the tables and the page are about.
   *
   * @default {all that runs have values for}
   */
  varied?: readonly string[];
  /** Sentences for the page, besides those on the scores. */
  notes?: readonly string[];
  /** What all runs have in common, for the page. */
  common?: Readonly<Record<string, unknown>>;
}

/** What a sweep found. */
export interface SweepResult<Run extends SweepRun = SweepRun> {
  /** Whether it was stopped before all runs had ended. */
  stopped: boolean;
  /** The runs that are done, with what they ended with. */
  done: { run: Run; result: RunResult }[];
  /** The failures, by the run's name. */
  failures: Record<string, Failure>;
  /**
   * The table of settings and sentences on the scores, Markdown; empty where no run is done, or the sweep was stopped.
   */
  markdown: string;
}

/** Options for {@linkcode sweep}. */
export interface SweepOptions<Lists extends Varied>
  extends Omit<RunSweepOptions<SweepRun<ValuesOf<Lists>>>, "run" | "varied"> {
  /** The values that are varied, a list for each name; `seed` is averaged over. */
  vary: Lists;
  /** Takes a run to its end, with one value of each list. */
  run: (values: ValuesOf<Lists>, context: SweepContext) => Promise<SweepEnd>;
}

/**
 * Runs every combination of some values, and ranks them. A sweep resumes where it stopped: finished runs are left
 * as they are, and runs that diverged are not tried again. The folder gets `table.md`, `table.csv` and `sweep.html`.
 *
 * @param options The lists, and what a run is.
 * @returns The results and the table.
 * @throws {RangeError} If a list is empty, or a run that is there was begun with other settings.
 *
 * @example α over two seeds, from one teacher
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, objective, rowFromText, useEngine } from "@amid/amid";
 * import { sweep, trainRun } from "@amid/amid/runs";
 *
 * await useEngine("wasm");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const teacher = await loadModel("data/teacher");
 * const prompt = "What kind of thing is a heron?\n";
 * const rows = [rowFromText(tokenizer, { prompt, response: "animal" })];
 * const { markdown, done } = await sweep({
 *   folder: await Deno.makeTempDir(),
 *   vary: { alpha: [0, 1] },
 *   run: async ({ alpha }, { folder, signal }) =>
 *     await trainRun({
 *       models: { student: await loadModel("data/student-start"), teacher, tokenizer },
 *       data: { rows, validRows: rows },
 *       training: {
 *         objective: objective("amid", { alpha }),
 *         batchSize: 1,
 *         totalSteps: 1,
 *         optimizer: { learningRate: 1e-3 },
 *         resume: "auto",
 *       },
 *       recording: { folder, signal },
 *       report: { test: [{ prompt, outputs: ["animal"] }] },
 *     }),
 * });
 * assert(done.length === 2 && markdown.includes("alpha"));
 * ```
 */
export async function sweep<const Lists extends Varied>(
  options: SweepOptions<Lists>,
): Promise<SweepResult<SweepRun<ValuesOf<Lists>>>> {
  checkArguments("sweep", { options: [options, objectWith("folder", "vary", "run")] });
  checkArguments("sweep", { folder: [options.folder, aText], run: [options.run, aFunction] });
  const { vary, run, ...others } = options;
  const running = {
    ...others,
    run: ({ values }: SweepRun<ValuesOf<Lists>>, context: SweepContext) => run(values, context),
  };
  return await runSweep(sweepRuns(vary), { ...running, varied: Object.keys(vary) });
}

/**
 * As {@linkcode sweep}, with runs that are given.
 *
 * @param runs The runs, each with a name of its own.
 * @param options The folder, and what a run is.
 */
export async function runSweep<Run extends SweepRun>(
  runs: readonly Run[],
  options: RunSweepOptions<Run>,
): Promise<SweepResult<Run>> {
  checkArguments("sweep", { options: [options, objectWith("folder", "run")] });
  checkList("sweep", { runs }, objectWith("name", "values"));
  const { folder, free = new Set(), notes = [], common = {} } = options;
  const { varied = [...new Set(runs.flatMap(({ values }) => Object.keys(values)))] } = options;
  const record = await readRecord(folder);
  await checkUnchanged(folder, { runs, record, free });
  for (const run of runs) record.runs[run.name] = recorded(run);
  await Deno.mkdir(folder, { recursive: true });
  await writeRecord(folder, record);
  await runAll(runs, { ...options, record });
  const { failures } = record;
  const ended = runs.filter((run) => isDone(folder, run));
  const stopped = runs.some((run) => !failures[run.name] && !isDone(folder, run));
  const done = await Promise.all(ended.map(async (run) => ({ run, result: await resultOf(folder, run) })));
  if (stopped || done.length === 0) return { stopped, done, failures, markdown: "" };
  const lost = runs.filter(({ name }) => failures[name]).map(({ name }) => failureText(name, failures[name]));
  const report = { name: basename(folder), runs: ended, varied, notes: [...notes, ...lost], base: common };
  return { stopped, done, failures, markdown: await writeSweepReport(folder, report) };
}

/** A failure in words. */
export const failureText = (name: string, { kind, message }: Failure): string => `${name} ${kind}: ${message}`;

/** Describes an error. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof NonFiniteLossError ? "diverged" : "failed", message };
}

/** Where work is kept that the runs of a sweep share. */
export const sharedFolder = (folder: string): string => join(folder, ".shared");

/** Runs what is neither done nor diverged, or until the signal. */
async function runAll<Run extends SweepRun>(
  runs: readonly Run[],
  options: RunSweepOptions<Run> & { record: Awaited<ReturnType<typeof readRecord>> },
): Promise<void> {
  const { folder, run, jobs = 1, signal = new AbortController().signal, say = () => {}, record } = options;
  const pending = runs.filter((run) => record.failures[run.name]?.kind !== "diverged" && !isDone(folder, run));
  if (pending.length < runs.length) {
    say(`${runs.length - pending.length} of ${runs.length} runs are already done or diverged`);
  }
  // What failed before without diverging is tried again.
  for (const { name } of pending) delete record.failures[name];
  let written = Promise.resolve();
  const note = async (name: string, failure: Failure) => {
    record.failures[name] = failure;
    say(failureText(name, failure));
    // Runs may end at the same time; their records are written one after another.
    await (written = written.then(() => writeRecord(folder, record)));
  };
  const shared = sharedWork(sharedFolder(folder));
  const waiting = [...pending];
  const worker = async () => {
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
      const { name } = next;
      say(`${jobs === 1 ? "\n" : ""}run ${pending.indexOf(next) + 1} of ${pending.length}: ${name}`);
      const context = { name, folder: join(folder, name), signal, shared };
      const end = await run(next, context).catch((error) => ({ failure: failureOf(error) }));
      if ("failure" in end) await note(name, end.failure);
      else if (end.finished && !isDone(folder, next)) {
        const message = "it has no result.json, which trainRun() writes if it is given a report";
        await note(name, { kind: "failed", message });
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, pending.length) }, worker));
    await writeRecord(folder, record);
  } finally {
    shared.close();
  }
}
