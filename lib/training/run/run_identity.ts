/**
 * The identity of a run in compact form, so that a checkpoint of another run is recognized and the differences named.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hashText } from "../../random/random.ts";
import type { Row } from "../../batches/row.ts";
import { currentEngine } from "../../engines/mod.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import { describeOwn } from "../../objectives/recipe.ts";
import { DISTILL_DEFAULTS, type DistillOptions } from "./distill_options.ts";
import type { DataPolicy, DataPolicyOptions } from "../policy/data_policy.ts";
import { architecture, modelHash } from "../../models/model_identity.ts";
import { describeOptimizer } from "../optimizer/optimizer.ts";
import { flattened, named } from "./flat_description.ts";
import { objectiveIdentity } from "./objective_identity.ts";
import { teacherOf } from "../../teachers/local_teacher.ts";

/** A run's identity: values by name, as text. */
export interface RunIdentity {
  /** What decides the run's result. */
  settings: Record<string, string>;
  /** What decides only its rounding. */
  rounding: Record<string, string>;
  /** What teacher and reference are called, for messages; names decide nothing. */
  names?: { teacher?: string; reference?: string };
  /** What the teacher gives a fixed text, where nothing else shows whether it is the same. */
  probe?: readonly number[];
  /**
   * The version of the description. Those without one have only the names of objectives and of data policies that are
   * objects.
   */
  version?: 2;
}

/**
 * Describes a run. The student's weights are not part of it, since a checkpoint has them; those below adapters are.
 *
 * @param options The run.
 */
export async function runIdentity(options: DistillOptions): Promise<RunIdentity> {
  const { student, rows, validRows, textRows, policy } = options;
  const given = [options.teacher, options.reference].map((given) => given && teacherOf(given));
  const [teacher, reference] = await Promise.all(given.map((each) => each?.identity()));
  const [teacherName, referenceName] = given.map((each) => each?.name);
  const { seed = DISTILL_DEFAULTS.seed, batchSize, textBatchSize = batchSize, totalSteps, optimizer, schedule } =
    options;
  const { alpha, lambda, temperature, distillWeight, textWeight, averageDecay, auxiliaryWeights } = options;
  const { responses, replayCapacity, maxSkippedSteps, settings } = options;
  const validates = policy && ("source" in policy ? policy.needsValidation : policy.name === "adaptive");
  const writes = policy && ("source" in policy || (policy.name ?? "off") !== "off");
  const described = {
    precision: currentEngine()?.precision ?? "float32",
    totalSteps,
    batchSize,
    textBatchSize,
    seed,
    schedule,
    averageDecay,
    optimizer: describeOptimizer(optimizer),
    alpha,
    lambda,
    temperature,
    distillWeight,
    textWeight,
    auxiliaryWeights,
    maxSkippedSteps,
    // If the student writes nothing, its sampling options do not count.
    responses: writes ? responses : undefined,
    replayCapacity,
    settings,
    rows: rowsHash(rows),
    textRows: textRows && rowsHash(textRows),
    ...(validates ? { validRows: rowsHash(validRows ?? []), validateEvery: options.validateEvery } : {}),
    student: await studentOf(student),
    teacher: teacher?.settings,
    reference: reference?.settings,
  };
  const { microBatchSize, chunkSize, communicator } = options;
  const ranks = communicator && communicator.size > 1 ? communicator.size : undefined;
  return {
    version: 2,
    names: { teacher: teacherName, reference: referenceName },
    ...teacher?.probe && { probe: teacher.probe },
    settings: { ...flattened(described), ...objectiveIdentity(options), ...policyIdentity(policy) },
    rounding: flattened({
      backend: tf.getBackend(),
      microBatchSize,
      chunkSize,
      ranks,
      ...teacher?.rounding,
      reference: reference?.rounding,
    }),
  };
}

/**
 * Fills in the parts that a description without a version lacks.
 *
 * @returns The description, and the parts of which it had only the name.
 */
export function completed(
  there: RunIdentity,
  here: RunIdentity,
): { settings: Record<string, string>; unsure: string[] } {
  // Without a precision it is float32.
  const settings: Record<string, string> = { precision: "float32", ...renamed(there.settings) };
  // The task's own length, which the run's length replaces.
  if (!("settings.steps" in here.settings) && settings["settings.steps"] === settings.totalSteps) {
    delete settings["settings.steps"];
  }
  // If α or λ has a schedule, descriptions used to have the options at four points of the run, the first at its start.
  if ("alpha.name" in settings || "lambda.name" in settings) {
    const options = Object.keys(settings).filter((key) => key.startsWith("objective."));
    for (const key of options) settings[key] = settings[key].split(", ")[0];
  }
  if (there.version !== undefined) return { settings, unsure: [] };
  const inResponses = (key: string) => key.startsWith("responses.");
  if (!Object.keys(here.settings).some(inResponses)) {
    for (const key of Object.keys(settings).filter(inResponses)) delete settings[key];
  }
  const unsure = ["objective", "policy"].filter((part) => {
    const name = settings[part];
    if (name === undefined || (name !== here.settings[part] && !(part === "objective" && name === "made"))) {
      return false;
    }
    const details = Object.keys(here.settings).filter((key) => key === part || key.startsWith(`${part}.`));
    for (const key of details) settings[key] = here.settings[key];
    return details.length > 1;
  });
  return { settings, unsure };
}

/** Settings by their current names: what is plain text was called a corpus. */
function renamed(settings: Readonly<Record<string, string>>): Record<string, string> {
  const named = Object.entries(settings).map(([name, value]) => [
    name.replace(/^(settings\.)?corpus(?=Rows|Weight|BatchSize|Length)/, "$1text"),
    value,
  ]);
  return Object.fromEntries(named);
}

function policyIdentity(policy: DataPolicy | DataPolicyOptions | undefined): Record<string, string> {
  if (!policy || !("source" in policy)) return flattened({ policy });
  const { name, source, observe, recipe } = policy;
  return named("policy", recipe ?? describeOwn({ name, source, observe } as { name: string }, []));
}

const rowsHash = (rows: readonly Row[]): string => {
  const hash = rows.reduce((hash, { ids, promptLength, source, fields, teacherPrompt }) => {
    const more = teacherPrompt === undefined ? [source, fields] : [source, fields, teacherPrompt];
    const known = more.every((value) => value === undefined) ? "" : JSON.stringify(more);
    return hashText(`${promptLength}:${ids.join()}${known}`, hash);
  }, 0);
  return `${rows.length} rows of hash ${hash.toString(16)}`;
};

async function studentOf(student: LanguageModel): Promise<Record<string, unknown>> {
  const { lora } = student;
  if (!lora) return architecture(student);
  const { rank, scale, dropout, seed } = lora.settings;
  return {
    ...await modelHash(student, student.parameters),
    adapters: [...lora.pairs.keys()],
    rank,
    scale,
    dropout,
    seed,
  };
}
