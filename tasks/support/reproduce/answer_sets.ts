/**
 * A model's answers to the sets of a pipeline, summed up.
 *
 * @module
 */
import { join } from "node:path";
import type { Answer } from "../../../lib/evaluation/answer_rows.ts";
import { repetition } from "../../../lib/evaluation/repetition.ts";
import type { SetRecord } from "../../../lib/runs/records/run_record.ts";
import { evaluateTask } from "../evaluate_setup.ts";
import { parseTask } from "../schema.ts";
import { type Pipeline, placesOf } from "./place.ts";
import { engineFlags } from "./prepare_models.ts";
import { SETS } from "./prepare_rows.ts";
import { flagsOf } from "./recipe.ts";
import type { Step, StepEnd } from "./run_step.ts";

/** Takes a step to its end. */
export type RunsStep = (step: Step) => Promise<StepEnd>;

/** Whether a step was stopped; throws where it failed. */
export function failed({ status, failure }: StepEnd, what: string): boolean {
  if (failure) throw new Error(`Cannot continue ${what}: ${failure.message}`);
  return status === 130;
}

/**
 * Lets a model answer the sets; answers that are there are kept.
 *
 * @param model The model's folder.
 * @param options What the folder of the answers is called, and who takes the step.
 * @returns The sums, by set; undefined where it was stopped.
 */
export async function answerSets(
  model: string,
  { name, pipeline, run }: { name: string; pipeline: Pipeline; run: RunsStep },
): Promise<Record<string, SetRecord> | undefined> {
  const { work } = pipeline;
  const args = evaluateArgs(pipeline, { name, model });
  if (failed(await run({ task: "evaluate", args, root: work }), `${name}, evaluating`)) return undefined;
  const sets: Record<string, SetRecord> = {};
  for (const set of Object.keys(SETS)) {
    sets[set] = await setRecord(join(work, `${name}.answers`, "answers", "student", set));
  }
  return sets;
}

/** The flags of the task that asks. */
function evaluateArgs(pipeline: Pipeline, { name, model }: { name: string; model: string }): string[] {
  const { recipe } = pipeline;
  const { data } = placesOf(pipeline);
  return [
    `--config=${join(recipe.folder, recipe.evaluate)}`,
    `--name=${name}.answers`,
    `--models=student=${model}`,
    `--sets=${Object.keys(SETS).map((set) => `${set}=${join(data, "sets", `${set}.jsonl`)}`).join()}`,
    "--template=alpaca",
    "--unique-ngrams=6",
    ...engineFlags(pipeline),
    ...flagsOf(recipe, "evaluate"),
  ];
}

/** Settings of an evaluation that say where things are. */
const ELSEWHERE: ReadonlySet<string> = new Set(["name", "models", "sets", "tokenizer"]);

/** What the answers depend on besides the model, for the record: the settings that are given, as `key=value`. */
export async function evaluateSettings(pipeline: Pipeline): Promise<string[]> {
  const args = evaluateArgs(pipeline, { name: "any", model: "any" });
  const { config, origins } = await parseTask({ ...evaluateTask, args, warn: () => {} });
  const given = Object.keys(origins).filter((key) => !ELSEWHERE.has(key)).sort();
  return given.map((key) => `${key}=${config[key as keyof typeof config]}`);
}

/** Sums up the answers to a set, over the seeds of its draws. */
async function setRecord(folder: string): Promise<SetRecord> {
  const draws: Answer[][] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".jsonl")) continue;
    const text = await Deno.readTextFile(join(folder, name));
    draws.push(text.trim().split("\n").map((line) => JSON.parse(line) as Answer));
  }
  const all = draws.flat();
  const mean = (of: (answer: Answer) => number) => all.reduce((sum, answer) => sum + of(answer), 0) / all.length;
  const digits = (value: number) => Number(value.toFixed(3));
  return {
    // Each question's mean over the draws, so that a question counts once.
    rougeL: draws[0].map((_, row) =>
      Number((draws.reduce((sum, answers) => sum + answers[row].rougeL, 0) / draws.length).toFixed(2))
    ),
    tokens: digits(mean(({ tokens }) => tokens)),
    repetition: digits(mean(({ answer }) => repetition(answer))),
    unfinished: digits(mean(({ ended }) => ended ? 0 : 1)),
  };
}
