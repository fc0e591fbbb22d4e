/**
 * The time of a distributed step: compute, waiting for the slowest rank, and communication that is not hidden.
 *
 * @module
 */
import type { DescribedModel } from "../training/memory/described_model.ts";
import { checkCluster, type Cluster, clusterSeconds, sharingFactor } from "./cluster.ts";
import { exposedSeconds } from "./exposed_seconds.ts";
import { type RowShape, slowestFactor } from "./row_shape.ts";
import { lateCount, type StepWork, stepWork, trainedCount } from "./step_work.ts";

/** What can be chosen of a run. */
export interface PlanChoice {
  /** Rows that a device processes per step. */
  rowsPerDevice: number;
  /** Rows that it processes at once; divides the step into groups. */
  microBatchRows: number;
  /** Whether each rank keeps the optimizer's state of its part of the parameters alone (ZeRO-1). */
  shardOptimizer: boolean;
  /** Whether each block's forward pass is computed again in the backward pass. */
  recompute: boolean;
  /** Share of rows whose teacher states are cached; 0 without a cache. */
  cached: number;
}

/** Options for {@linkcode stepTime}. */
export interface StepTimeOptions {
  /** The model that is trained. */
  student: DescribedModel;
  /** The model it is distilled from. */
  teacher?: DescribedModel;
  /** Devices and links. */
  cluster: Cluster;
  /** What rows are like. */
  rows: RowShape;
  /** What is chosen. */
  choice: PlanChoice;
  /**
   * Bytes of gradients that are sent together.
   *
   * @default {25 MiB}
   */
  bucket?: number;
  /**
   * Whether gradients are sent during the backward pass; the trainer sends them after it.
   *
   * @default {false}
   */
  overlap?: boolean;
  /**
   * Whether attention and loss are single operations of the engine.
   *
   * @default {false}
   */
  fused?: boolean;
}

/** Seconds of a step, by what they are for. */
export interface StepTime {
  /** The teacher's blocks. */
  teacher: number;
  /** The student's forward pass. */
  forward: number;
  /** Both heads and the loss. */
  head: number;
  /** The backward pass. */
  backward: number;
  /** Gradient norm and AdamW. */
  optimizer: number;
  /** What does not depend on the batch, and what each group of rows costs. */
  overhead: number;
  /** Waiting for the rank with the longest rows. */
  waiting: number;
  /** Packing gradients into messages, and taking them out again. */
  packing: number;
  /** Communication altogether. */
  communication: number;
  /** Communication that the backward pass does not hide. */
  exposed: number;
  /** The step. */
  seconds: number;
  /** The time of one device that shares nothing and waits for no other, over the step's. */
  efficiency: number;
}

/** The default of `bucket`. */
export const BUCKET_BYTES = 25 * 2 ** 20;
/** Small all-reduces of a step: losses and norm. */
const SMALL_MESSAGES = 1;
/**
 * Passes over the gradient where tensors are packed into messages and taken out again: four copies, read and written.
 */
const PACKING_PASSES = 8;
const FLOAT = 4;

/**
 * Estimates the time of a step.
 *
 * Work over rate is the compute; ranks that share cores take longer by their share; all wait for the rank with the
 * longest rows. Gradients are all-reduced in buckets behind the backward pass, or during that of the last group of
 * rows, those of the embedding tables behind it. With a sharded optimizer they are reduce-scattered, and parameters
 * all-gathered after the step, which is not hidden. Responses that the student writes during the run are not counted.
 *
 * @param options Models, cluster, rows and choice.
 * @returns Seconds and efficiency.
 * @throws {RangeError} If a number is invalid; the message names it.
 */
export function stepTime(options: StepTimeOptions): StepTime {
  const { student, teacher, cluster, rows, choice, bucket = BUCKET_BYTES, overlap = false, fused = false } = options;
  checkCluster(cluster);
  checkChoice(choice);
  const { rowsPerDevice, microBatchRows, shardOptimizer, recompute, cached } = choice;
  const batch = {
    rows: rowsPerDevice,
    positions: rowsPerDevice * rows.tokens,
    keptTokens: rowsPerDevice * rows.responseTokens,
    longestRow: rows.longest,
    squares: rowsPerDevice * (rows.tokens ** 2 + rows.deviation ** 2),
  };
  const work = stepWork({ student, teacher, batch, cached, recompute, fused });
  const groups = Math.ceil(rowsPerDevice / microBatchRows);
  const { devices } = cluster;
  const shards = shardOptimizer ? devices : 1;
  const compute = computeSeconds(work, { cluster, groups, shards });
  const { optimizer, overhead, ...perRow } = compute;
  const mean = sum(perRow);
  const waiting = mean * (slowestFactor(rows, { rows: rowsPerDevice, ranks: devices }) - 1);
  const trained = FLOAT * trainedCount(student);
  const late = FLOAT * lateCount(student);
  const reduce = shardOptimizer ? "reduce-scatter" : "all-reduce";
  const send = (bytes: number) => clusterSeconds(reduce, { bytes, cluster });
  const hiding = overlap ? compute.backward / groups : 0;
  const after = (shardOptimizer ? clusterSeconds("all-gather", { bytes: trained, cluster }) : 0) +
    SMALL_MESSAGES * clusterSeconds("all-reduce", { bytes: 2 * FLOAT, cluster });
  const buckets = { early: trained - late, late, bucket, seconds: send };
  const exposed = devices === 1 ? 0 : exposedSeconds({ backward: hiding, ...buckets }) + after;
  const communication = devices === 1 ? 0 : exposedSeconds({ backward: 0, ...buckets }) + after;
  const packing = devices === 1
    ? 0
    : sharingFactor(cluster) * PACKING_PASSES * trained / cluster.device.memoryBandwidth;
  const seconds = mean + optimizer + overhead + waiting + packing + exposed;
  const alone = sum(computeSeconds(work, { cluster: { ...cluster, devices: 1, nodes: 1 }, groups, shards }));
  return { ...compute, waiting, packing, communication, exposed, seconds, efficiency: alone / seconds };
}

function computeSeconds(
  { teacher, forward, head, backward, lossBytes, optimizerBytes }: StepWork,
  { cluster, groups, shards }: { cluster: Cluster; groups: number; shards: number },
): Pick<StepTime, "teacher" | "forward" | "head" | "backward" | "optimizer" | "overhead"> {
  const { flops, memoryBandwidth, stepOverhead, batchOverhead } = cluster.device;
  const shared = sharingFactor(cluster);
  return {
    teacher: shared * teacher / flops,
    forward: shared * forward / flops,
    head: shared * (head / flops + lossBytes / memoryBandwidth),
    backward: shared * backward / flops,
    optimizer: shared * optimizerBytes / shards / memoryBandwidth,
    overhead: shared * (stepOverhead + groups * batchOverhead),
  };
}

function checkChoice({ rowsPerDevice, microBatchRows }: PlanChoice): void {
  for (const [name, value] of Object.entries({ rowsPerDevice, microBatchRows })) {
    if (value > 0 && value < Infinity) continue;
    throw new RangeError(`Cannot time a step: ${name} must be a number above 0, current value is ${value}`);
  }
}

const sum = (parts: Readonly<Record<string, number>>): number =>
  Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
