/**
 * A run of a pipeline, from its first step to its record.
 *
 * @module
 */
import { join } from "node:path";
import { exists } from "../../../lib/files/exists.ts";
import { readRecords } from "../../../lib/runs/recover_lines.ts";
import { type MetricsLine, runCurve } from "../../../lib/runs/records/run_curve.ts";
import type { RunRecord, SettingValue } from "../../../lib/runs/records/run_record.ts";
import { answerSets, evaluateSettings, failed, type RunsStep } from "./answer_sets.ts";
import type { Cell } from "./cells.ts";
import { distillArgs, type Pipeline } from "./place.ts";
import { engineFlags } from "./prepare_models.ts";
import { flagsOf } from "./recipe.ts";
import { configurationOf } from "./settings.ts";

/** Options for {@linkcode runCell}. */
export interface RunCellOptions {
  pipeline: Pipeline;
  /** Takes a step to its end. */
  run: RunsStep;
  /** What the record says of all runs. */
  about: { commit: string; machine: string; weights: RunRecord["weights"] };
}

/** The configuration that a run's record must have. */
export async function wantedConfiguration(pipeline: Pipeline, cell: Cell): Promise<RunRecord["configuration"]> {
  const { size } = pipeline.recipe;
  const more: Record<string, SettingValue> = {
    rows: Object.entries(size.data).map(([name, count]) => `${name}=${count}`),
  };
  if (cell.evaluated) {
    more.select = flagsOf(pipeline.recipe, "select");
    more.evaluate = await evaluateSettings(pipeline);
  }
  return await configurationOf(distillArgs(pipeline, cell), more);
}

/**
 * Takes a run to its record. What an earlier process has done of it is kept.
 *
 * @returns The record; undefined where it was stopped.
 * @throws {Error} If a step fails for another reason than a loss that is not finite.
 */
export async function runCell(cell: Cell, { pipeline, run, about }: RunCellOptions): Promise<RunRecord | undefined> {
  const { work } = pipeline;
  const { name, method, student, seed, evaluated } = cell;
  const folder = join(work, name);
  const args = distillArgs(pipeline, cell);
  const began = performance.now();
  const { commit, machine, weights } = about;
  const record = async (
    more: Pick<RunRecord, "seconds" | "curve" | "stepSeconds" | "peakMiB"> & Partial<RunRecord>,
  ) => ({
    name,
    method: method.name,
    student,
    seed,
    configuration: await wantedConfiguration(pipeline, cell),
    weights,
    place: { commit, machine, engine: "" },
    ...more,
  });
  if (!await exists(join(folder, "result.json"))) {
    const { status, failure } = await run({ task: "distill", args, root: work });
    if (failure?.kind === "diverged") {
      const { lines } = await readRecords(join(folder, "metrics.jsonl"));
      const { curve, cost } = runCurve(lines as unknown as MetricsLine[]);
      const seconds = Math.round((performance.now() - began) / 1000);
      return await record({ curve, ...cost, seconds, diverged: failure.message });
    }
    if (failed({ status, failure }, name)) return undefined;
  }
  const measured = await run({ task: "measure", args: [folder, JSON.stringify(args)], root: work });
  if (failed(measured, `${name}, measuring`)) return undefined;
  const { curve, cost, metrics, seconds, engine } = measured.measured!;
  const answers = evaluated ? await evaluateCell(cell, { pipeline, run, about }) : {};
  if (!answers) return undefined;
  return await record({ curve, ...cost, metrics, seconds, place: { commit, machine, engine }, ...answers });
}

/** Chooses a checkpoint as the paper does, by ROUGE-L on the validation split, and lets it answer the sets. */
async function evaluateCell(
  { name }: Cell,
  { pipeline, run }: RunCellOptions,
): Promise<Pick<RunRecord, "checkpoint" | "sets"> | undefined> {
  const { work, recipe } = pipeline;
  const folder = join(work, name);
  const sampling = ["--unique-ngrams=6"];
  const select = [
    `--run=${folder}`,
    "--by=rouge-l",
    ...sampling,
    ...engineFlags(pipeline),
    ...flagsOf(recipe, "select"),
  ];
  if (failed(await run({ task: "select", args: select, root: work }), `${name}, selecting`)) return undefined;
  const { best } = JSON.parse(await Deno.readTextFile(join(folder, "selection", "selection.json")));
  const sets = await answerSets(join(folder, "best"), { name, pipeline, run });
  return sets && { checkpoint: `${best} of those saved, by ROUGE-L on the validation split`, sets };
}

/** Removes what a run has left, once it is recorded. */
export async function dropRun(work: string, name: string): Promise<void> {
  for (const folder of [join(work, name), join(work, `${name}.answers`)]) {
    if (await exists(folder)) await Deno.remove(folder, { recursive: true });
  }
}
