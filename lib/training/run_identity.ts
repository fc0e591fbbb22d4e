/**
 * What a run is, in few words, so that a checkpoint of another run is told apart by name.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hashText } from "../datasets/random.ts";
import type { Row } from "../datasets/row.ts";
import { currentEngine } from "../engines/mod.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { DistillOptions } from "./distill_options.ts";
import { architecture, modelHash } from "./model_identity.ts";
import { describeOptimizer } from "./optimizer/optimizer.ts";
import { cachePlace } from "./teacher_cache.ts";

/** A run's identity: values by name, as text. */
export interface RunIdentity {
  /** What decides the run's result. */
  settings: Record<string, string>;
  /** What decides its rounding only. */
  rounding: Record<string, string>;
}

/**
 * Describes a run. The student's weights are no part of it, for a checkpoint brings them; those below adapters are.
 *
 * @param options The run.
 */
export async function runIdentity(options: DistillOptions): Promise<RunIdentity> {
  const { student, teacher, objective, rows, validRows, corpusRows, policy } = options;
  const { seed = 0, batchSize, corpusBatchSize = batchSize, totalSteps, optimizer, schedule } = options;
  const { alpha, lambda, temperature, distillWeight, corpusWeight, averageDecay } = options;
  const { responses, replayCapacity, maxSkippedSteps, settings } = options;
  const validates = policy && "name" in policy && policy.name === "adaptive";
  const described = {
    precision: currentEngine()?.precision ?? "float32",
    ...{ totalSteps, batchSize, corpusBatchSize, seed, schedule, averageDecay },
    optimizer: describeOptimizer(optimizer),
    ...{ alpha, lambda, temperature, distillWeight, corpusWeight, maxSkippedSteps },
    ...{ objective: typeof objective === "function" ? "made" : objective?.name },
    ...{ policy: policy && ("source" in policy ? policy.name : policy), responses, replayCapacity, settings },
    ...{ rows: rowsHash(rows), corpusRows: corpusRows && rowsHash(corpusRows) },
    ...(validates ? { validRows: rowsHash(validRows ?? []), validateEvery: options.validateEvery } : {}),
    ...{ student: await studentOf(student), teacher: teacher && await modelHash(teacher) },
  };
  const { microBatchSize, chunkSize, communicator } = options;
  const ranks = communicator && communicator.size > 1 ? communicator.size : undefined;
  // Where the teacher's states are kept is of no account; that they are, and how exactly, is.
  const place = cachePlace(options);
  const teacherCache = place ? place.type === "float32" || place.type : options.teacherCache;
  return {
    settings: flattened(described),
    rounding: flattened({ backend: tf.getBackend(), microBatchSize, chunkSize, teacherCache, ranks }),
  };
}

/**
 * Says where two descriptions differ.
 *
 * @returns A phrase a difference: `alpha is 0 there, 1 here`.
 */
export function differences(there: Record<string, string>, here: Record<string, string>): string[] {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
  return names.filter((name) => there[name] !== here[name])
    .map((name) => `${name} is ${there[name] ?? "absent"} there, ${here[name] ?? "absent"} here`);
}

function flattened(value: unknown, path = ""): Record<string, string> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null) return { [path]: String(value) };
  const inner = Object.entries(value).map(([key, inner]) => flattened(inner, path ? `${path}.${key}` : key));
  return Object.assign({}, ...inner);
}

const rowsHash = (rows: readonly Row[]): string => {
  const hash = rows.reduce((hash, { ids, promptLength }) => hashText(`${promptLength}:${ids.join()}`, hash), 0);
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
