/**
 * The memory of a run that is about to start.
 *
 * @module
 */
import { aModel, aNumber, aRow, checkArguments, checkList, objectWith } from "../../arguments/check_arguments.ts";
import type { Row } from "../../batches/row.ts";
import { currentAbilities, currentEngine } from "../../engines/current_engine.ts";
import { batchExtent } from "../../batches/batch_extent.ts";
import type { DistillOptions } from "../run/distill_options.ts";
import { estimateMemory, type MemoryEstimate } from "./estimate_memory.ts";
import { updateRule } from "../optimizer/rules.ts";
import { teacherOf } from "../../teachers/local_teacher.ts";
import { footprintsOf, type TeacherFootprint } from "../../teachers/teacher.ts";
import { keptTokens } from "../../batches/training_batch.ts";

/**
 * Estimates what a run of `distill` will need on a rank, on the engine in use, from its first batches; where the
 * student writes, its responses count with their maximum length.
 *
 * @param options The run.
 * @returns Bytes, see {@linkcode estimateMemory}.
 * @throws {RangeError} If there is no row, or a count is invalid.
 */
export function runMemory(options: DistillOptions): MemoryEstimate {
  checkArguments("estimate memory", { options: [options, objectWith("student", "rows", "batchSize", "totalSteps")] });
  const { student, microBatchSize, chunkSize, seed, totalSteps, recompute } = options;
  checkArguments("estimate memory", { student: [student, aModel], batchSize: [options.batchSize, aNumber] });
  checkList("estimate memory", { rows: options.rows }, aRow);
  const { communicator: { size: ranks } = { size: 1 }, shardOptimizer = false } = options;
  // A rank processes its share of a step's rows.
  const batchSize = Math.ceil(options.batchSize / ranks);
  const rows = options.policy && options.policy.name !== "off" ? options.rows.map(longest(options)) : options.rows;
  const batch = batchExtent(rows, { batchSize, microBatchSize, seed, steps: Math.min(totalSteps, 200) });
  const [teachers, [reference]] = [options.teacher, options.reference]
    .map((given) => given ? footprintsOf(teacherOf(given)) : []);
  const seen = Math.min(1, totalSteps * options.batchSize / options.rows.length);
  const cachedBy = ({ kept, teaches = () => true }: TeacherFootprint) =>
    kept && { tokens: Math.ceil(seen * keptTokens(options.rows.filter(teaches)) / ranks), type: kept };
  const [teacher, ...otherTeachers] = teachers.map((each) => ({ model: each.model, cached: cachedBy(each) }));
  const { attention, fusedUpdates, halfCopies } = currentAbilities();
  const rule = updateRule(options.optimizer.rule);
  return estimateMemory({
    precision: currentEngine()?.precision,
    halfCopies,
    student,
    teacher: teacher?.model,
    otherTeachers,
    reference: reference?.model,
    batch,
    chunkSize,
    recompute,
    microBatches: batch.rows < Math.min(batchSize, rows.length),
    ...teacher?.cached && { cachedTokens: teacher.cached.tokens, cachedType: teacher.cached.type },
    cachedReference: reference && cachedBy(reference),
    optimizerSlots: rule.slots.length,
    optimizerShards: shardOptimizer ? ranks : 1,
    attention,
    fused: fusedUpdates.includes(rule.name),
  });
}

/** The row with the longest response that the student may write. */
function longest({ student, responses: { maxNewTokens = 256 } = {} }: DistillOptions): (row: Row) => Row {
  return ({ ids, promptLength }) => {
    const length = Math.max(ids.length, Math.min(student.config.contextLength, promptLength + maxNewTokens));
    return { ids: Array.from({ length }, (_, place) => place < promptLength ? ids[place] : 0), promptLength };
  };
}

/**
 * Warns if a run will need more memory than is available; its models count as loaded.
 *
 * @param options The run, with `availableMemory`.
 * @returns The warning, or undefined if the memory suffices or is not known.
 */
export function memoryWarning(options: DistillOptions): string | undefined {
  const { availableMemory } = options;
  if (availableMemory === undefined) return undefined;
  const { peak, student, teacher, reference = 0 } = runMemory(options);
  const needed = peak - student - teacher - reference;
  if (needed <= availableMemory) return undefined;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return `about ${gigabytes(needed)} of memory will be needed, ${gigabytes(availableMemory)} are available; ` +
    "a smaller microBatchSize or recompute needs less";
}
