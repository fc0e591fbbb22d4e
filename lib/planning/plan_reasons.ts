/**
 * The reasons of a plan: each choice compared with its opposite.
 *
 * @module
 */
import { cacheShare } from "./cache_share.ts";
import { type Candidate, type ChoosePlanOptions, withLargestGroup } from "./evaluate_choice.ts";
import type { PlanChoice } from "./step_time.ts";

/** A sentence for each choice. */
export interface PlanReasons {
  /** Rows of a step. */
  batch: string;
  /** The optimizer's sharding. */
  sharding: string;
  /** Recomputation by block. */
  recomputation: string;
  /** The teacher's kept states. */
  teacherCache: string;
}

const gigabytes = (bytes: number) => bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
const percent = (share: number) => `${(100 * share).toFixed(Math.abs(share) < 0.0995 ? 1 : 0)} %`;

/**
 * Explains each choice by the cost of its opposite.
 *
 * @param chosen What was chosen.
 * @param options What it was chosen from.
 */
export function planReasons(chosen: Candidate, options: ChoosePlanOptions): PlanReasons {
  return {
    batch: batchReason(chosen, options),
    sharding: shardingReason(chosen, options),
    recomputation: recomputationReason(chosen, options),
    teacherCache: cacheReason(chosen, options),
  };
}

/** The same with a choice changed. */
function changed({ choice }: Candidate, options: ChoosePlanOptions, change: Partial<PlanChoice>): Candidate {
  return withLargestGroup({ ...choice, ...change }, options);
}

/** By how much one is faster than the other; below 0 where it is slower. */
const gain = (one: Candidate, other: Candidate) => one.rowsPerSecond / other.rowsPerSecond - 1;

/** A difference in speed, in words. */
function comparedSpeed(share: number): string {
  if (Math.abs(share) < 0.0005) return "no change of speed";
  return share > 0 ? `${percent(share)} more rows per second` : `${percent(-share)} fewer rows per second`;
}

function batchReason(chosen: Candidate, options: ChoosePlanOptions): string {
  const { batch, choice: { rowsPerDevice, microBatchRows } } = chosen;
  const groups = Math.ceil(rowsPerDevice / microBatchRows);
  const pieces = groups > 1 ? `, ${microBatchRows} at once because more do not fit` : "";
  if (options.batch !== undefined) {
    const uneven = batch % options.cluster.devices !== 0 ? ` at most, for ${batch} are dealt unevenly` : "";
    return `${rowsPerDevice} rows per device${uneven}, as requested${pieces}`;
  }
  const { largestBatch = 2048, cluster: { devices } } = options;
  const twice = 2 * rowsPerDevice * devices;
  if (twice > largestBatch) {
    return `${batch} rows${pieces}; twice as many are above the largest batch of ${largestBatch}`;
  }
  const more = gain(changed(chosen, options, { rowsPerDevice: 2 * rowsPerDevice }), chosen);
  return `${batch} rows${pieces}; twice as many would give ${comparedSpeed(more)}`;
}

function shardingReason(chosen: Candidate, options: ChoosePlanOptions): string {
  if (options.cluster.devices === 1) return "off: there is only one device";
  const { shardOptimizer } = chosen.choice;
  const other = changed(chosen, options, { shardOptimizer: !shardOptimizer });
  const saved = gigabytes(Math.abs(chosen.memory.optimizer - other.memory.optimizer));
  if (!shardOptimizer) {
    return `off: it fits without; on, it would save ${saved} per device with ${comparedSpeed(gain(other, chosen))}`;
  }
  if (!other.fits) {
    return `on: without it ${gigabytes(other.memory.peak)} would be needed; it saves ${saved} per device`;
  }
  return `on: it saves ${saved} per device and gives ${comparedSpeed(gain(chosen, other))}`;
}

function recomputationReason(chosen: Candidate, options: ChoosePlanOptions): string {
  if (options.mayRecompute === false) return "off: not among the choices";
  const { recompute, microBatchRows } = chosen.choice;
  const other = changed(chosen, options, { recompute: !recompute });
  const saved = gigabytes(Math.abs(chosen.memory.activations - other.memory.activations));
  if (!recompute) return `off: activations fit; on, ${comparedSpeed(gain(other, chosen))}`;
  if (!other.fits) return `on: without it not even one row at a time fits; it saves ${saved}`;
  return `on: ${microBatchRows} rows fit at once, not ${other.choice.microBatchRows}, which gives ${
    comparedSpeed(gain(chosen, other))
  }`;
}

function cacheReason(chosen: Candidate, options: ChoosePlanOptions): string {
  const { teacher, data: { epochs }, cluster: { devices }, sharedCache, rows } = options;
  if (!teacher) return "off: there is no teacher";
  const { hits, kept } = cacheShare({ epochs, ranks: devices, shared: sharedCache });
  if (hits === 0) return "off: each row is used once";
  const bytes = 4 * teacher.config.hiddenSize * rows.responseTokens * options.data.rows * kept;
  const served = `${percent(hits)} of the rows find their states cached`;
  const { cached } = chosen.choice;
  const other = changed(chosen, options, { cached: cached > 0 ? 0 : hits });
  if (cached > 0) {
    return `on: ${served}, which gives ${comparedSpeed(gain(chosen, other))} for ${gigabytes(bytes)} per rank`;
  }
  if (!other.fits) return `off: ${gigabytes(bytes)} per rank do not fit into the host's memory`;
  return `off: ${served}, which would give only ${comparedSpeed(gain(other, chosen))} for ${gigabytes(bytes)} per rank`;
}
