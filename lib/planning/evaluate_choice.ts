/**
 * The costs of a choice of batch, sharding, recomputation and teacher cache on a cluster.
 *
 * @module
 */
import { cacheShare } from "./cache_share.ts";
import { devicesPerNode } from "./cluster.ts";
import { type PlanMemory, planMemory } from "./plan_memory.ts";
import { type PlanChoice, type StepTime, stepTime, type StepTimeOptions } from "./step_time.ts";

/** Options for {@linkcode choosePlan}. */
export interface ChoosePlanOptions extends Omit<StepTimeOptions, "choice"> {
  /**
   * Rows of a step, on all devices together; where it is absent it is chosen, up to `largestBatch`.
   *
   * @default {chosen}
   */
  batch?: number;
  /**
   * The largest batch that training still benefits from.
   *
   * @default {2048}
   */
  largestBatch?: number;
  /** Rows of the data set, and how often each is trained on. */
  data: { rows: number; epochs: number };
  /** Bytes of a node's own memory that teacher states may take. */
  hostMemory: number;
  /**
   * Whether the host's memory and the devices' are one, as on processors.
   *
   * @default {false}
   */
  unified?: boolean;
  /**
   * Whether ranks share the teacher states that they have kept.
   *
   * @default {false}
   */
  sharedCache?: boolean;
  /**
   * Whether models are stored once more in bfloat16 for their products.
   *
   * @default {false}
   */
  halfCopies?: boolean;
  /**
   * Whether recomputation by block is among the choices.
   *
   * @default {true}
   */
  mayRecompute?: boolean;
}

/** A choice with its estimated costs. */
export interface Candidate {
  /** What is chosen. */
  choice: PlanChoice;
  /** Rows of a step on all devices together. */
  batch: number;
  /** Bytes of a device. */
  memory: PlanMemory;
  /** Bytes of teacher states that a rank keeps in the end. */
  cacheBytes: number;
  /** Seconds of a step. */
  time: StepTime;
  /** Rows per second of all devices. */
  rowsPerSecond: number;
  /** Whether device and host have enough memory. */
  fits: boolean;
}

/** The share of a memory that plans use; the rest is for the runtime and fragmentation. */
export const USABLE = 0.9;
const FLOAT = 4;

/**
 * Estimates what a choice costs.
 *
 * @throws {RangeError} If a number is invalid; the message names it.
 */
export function evaluateChoice(choice: PlanChoice, options: ChoosePlanOptions): Candidate {
  const { cluster, teacher, rows, data, hostMemory, unified = false, sharedCache } = options;
  const { devices } = cluster;
  const batch = options.batch ?? choice.rowsPerDevice * devices;
  const memory = planMemory({ ...options, devices, choice });
  const { kept } = cacheShare({ epochs: data.epochs, ranks: devices, shared: sharedCache });
  const cacheBytes = choice.cached > 0 && teacher
    ? FLOAT * teacher.config.hiddenSize * rows.responseTokens * data.rows * kept
    : 0;
  const time = stepTime({ ...options, choice });
  const perNode = devicesPerNode(cluster);
  const host = perNode * (cacheBytes + (unified ? memory.peak : 0));
  const fits = memory.peak <= USABLE * cluster.device.memory && host <= USABLE * hostMemory;
  return { choice, batch, memory, cacheBytes, time, rowsPerSecond: batch / time.seconds, fits };
}

/** The largest group of rows that fits, a power of two smaller than all, or one row if none does. */
export function withLargestGroup(
  choice: Omit<PlanChoice, "microBatchRows">,
  options: ChoosePlanOptions,
): Candidate {
  for (let microBatchRows = choice.rowsPerDevice;; microBatchRows = Math.ceil(microBatchRows / 2)) {
    const candidate = evaluateChoice({ ...choice, microBatchRows }, options);
    if (candidate.fits || microBatchRows === 1) return candidate;
  }
}
