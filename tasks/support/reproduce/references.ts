/**
 * The scores of the models that are not distilled: the teacher, and the starts.
 *
 * @module
 */
import { join } from "node:path";
import { folderFingerprint } from "../../../lib/evaluation/fingerprint.ts";
import {
  fitsConfiguration,
  type ModelRecord,
  readRunRecords,
  type RunPlace,
  writeRunRecord,
} from "../../../lib/runs/records/run_record.ts";
import { answerSets, evaluateSettings, type RunsStep } from "./answer_sets.ts";
import { type Pipeline, placesOf } from "./place.ts";
import { dropRun } from "./run_cell.ts";

/** Where their records are, beside those of the runs. */
export const referencesFolder = (records: string): string => join(records, "..", "models");

/** What the answers depend on, besides the model. */
const configurationOf = async (pipeline: Pipeline): Promise<ModelRecord["configuration"]> => ({
  rows: Object.entries(pipeline.recipe.size.data).map(([name, count]) => `${name}=${count}`),
  evaluate: await evaluateSettings(pipeline),
});

/** The records that fit, by name: `teacher` and `start-<student>`. */
export async function fittingReferences(pipeline: Pipeline, records: string): Promise<Map<string, ModelRecord>> {
  const wanted = await configurationOf(pipeline);
  const all = await readRunRecords<ModelRecord>(referencesFolder(records));
  return new Map([...all].filter(([, record]) => fitsConfiguration(record, wanted)));
}

/** Options for {@linkcode evaluateReferences}. */
export interface EvaluateReferencesOptions {
  /** The folder of the runs' records. */
  records: string;
  /** The student whose start is among them. */
  student: string;
  /** Takes a step to its end. */
  run: RunsStep;
  /** What their records say of where they were made. */
  place: RunPlace;
}

/**
 * Evaluates the teacher and a start, where they have no record yet.
 *
 * @returns Whether it came to the end.
 */
export async function evaluateReferences(pipeline: Pipeline, options: EvaluateReferencesOptions): Promise<boolean> {
  const { records, student, run, place } = options;
  const { work } = pipeline;
  const configuration = await configurationOf(pipeline);
  const places = placesOf(pipeline);
  const known = await fittingReferences(pipeline, records);
  for (const [name, folder] of [["teacher", places.teacher], [`start-${student}`, places.start(student)]]) {
    if (known.has(name)) continue;
    const sets = await answerSets(folder, { name: `reference-${name}`, pipeline, run });
    if (!sets) return false;
    const weights = (await folderFingerprint(folder)).slice(0, 12);
    await writeRunRecord(referencesFolder(records), {
      name,
      configuration,
      weights,
      place,
      sets,
    });
    await dropRun(work, `reference-${name}`);
  }
  return true;
}
