/**
 * The memory of a device in a distributed run.
 *
 * @module
 */
import { estimateMemory, type MemoryEstimate } from "../training/memory/estimate_memory.ts";
import type { DescribedModel } from "../training/memory/described_model.ts";
import type { RowShape } from "./row_shape.ts";
import type { PlanChoice } from "./step_time.ts";

/** Options for {@linkcode planMemory}. */
export interface PlanMemoryOptions {
  /** The model that is trained. */
  student: DescribedModel;
  /** The model it is distilled from. */
  teacher?: DescribedModel;
  /** Devices. */
  devices: number;
  /** What rows are like. */
  rows: RowShape;
  /** What is chosen. */
  choice: PlanChoice;
  /**
   * Whether models are stored once more in bfloat16 for their products, whose results are stored so too.
   *
   * @default {false}
   */
  halfCopies?: boolean;
  /**
   * Whether attention and the optimizer's step are single operations of the engine.
   *
   * @default {false}
   */
  fused?: boolean;
}

/** Bytes of a device. */
export type PlanMemory = MemoryEstimate;

/**
 * Estimates a device's memory: `estimateMemory` for the rows processed at once, the optimizer's moments divided by
 * the devices where they are sharded. Cached states of the teacher are not included: they lie in the host's memory.
 *
 * Of a group's rows one counts as the longest, the others as the mean.
 *
 * @param options Models, rows and choice.
 * @returns Bytes by what they are for, and their peak.
 */
export function planMemory(options: PlanMemoryOptions): PlanMemory {
  const { student, teacher, devices, rows, choice, halfCopies = false, fused = false } = options;
  const group = Math.ceil(Math.min(choice.rowsPerDevice, choice.microBatchRows));
  const batch = {
    rows: group,
    longestRow: Math.ceil(rows.longest),
    positions: Math.ceil((group - 1) * rows.tokens + rows.longest),
    keptTokens: Math.ceil(group * rows.responseTokens),
  };
  return estimateMemory({
    student,
    teacher,
    batch,
    fused,
    halfCopies,
    recompute: choice.recompute,
    precision: halfCopies ? "bfloat16" : "float32",
    microBatches: choice.microBatchRows < choice.rowsPerDevice,
    optimizerShards: choice.shardOptimizer ? devices : 1,
  });
}
