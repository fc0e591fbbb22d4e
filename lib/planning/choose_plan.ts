/**
 * Which batch, sharding, recomputation and teacher cache to choose on a cluster, and why.
 *
 * @module
 */
import { cacheShare } from "./cache_share.ts";
import { type Candidate, type ChoosePlanOptions, evaluateChoice, USABLE, withLargestGroup } from "./evaluate_choice.ts";
import { type PlanReasons, planReasons } from "./plan_reasons.ts";
import { checkRowShape } from "./row_shape.ts";

/** What is advised, and why. */
export interface Plan extends Candidate {
  /** A sentence for each choice. */
  reasons: PlanReasons;
}

/** No combination of choices fits into memory; the message has the least memory that would be needed. */
export class NoPlanError extends Error {
  /** The error's name. */
  override name = "NoPlanError";
}

/** The margin within which a plainer choice is preferred. */
const TOLERANCE = 0.02;

/**
 * Tries all combinations and takes the plainest of those within 2 % of the most rows per second: no teacher cache,
 * no recomputation, no sharding and the smaller batch are plainer, in that order. Of the groups of rows that can be
 * processed at once the largest that fits is taken.
 *
 * @param options Models, cluster, rows, data and bounds.
 * @returns The choice with its time and memory, and the reasons.
 * @throws {NoPlanError} If nothing fits.
 * @throws {RangeError} If a number is invalid; the message names it.
 */
export function choosePlan(options: ChoosePlanOptions): Plan {
  const found = candidates(options).filter(({ fits }) => fits);
  if (found.length === 0) {
    const least = smallest(options);
    const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
    throw new NoPlanError(
      `Cannot plan for ${options.cluster.devices} devices: even one row at a time, sharded and recomputed, needs ` +
        `${gigabytes(least.memory.peak)} of a device, ${gigabytes(USABLE * options.cluster.device.memory)} are usable`,
    );
  }
  const best = Math.max(...found.map(({ rowsPerSecond }) => rowsPerSecond));
  const near = found.filter(({ rowsPerSecond }) => rowsPerSecond >= best * (1 - TOLERANCE));
  const chosen = near.reduce((plainest, candidate) =>
    plainness(candidate) < plainness(plainest) ? candidate : plainest
  );
  return { ...chosen, reasons: planReasons(chosen, options) };
}

function candidates(options: ChoosePlanOptions): Candidate[] {
  const { cluster: { devices }, teacher, data, sharedCache, mayRecompute = true } = options;
  checkOptions(options);
  const { hits } = cacheShare({ epochs: data.epochs, ranks: devices, shared: sharedCache });
  const found: Candidate[] = [];
  for (const rowsPerDevice of rowCounts(options)) {
    for (const cached of teacher && hits > 0 ? [0, hits] : [0]) {
      for (const recompute of mayRecompute ? [false, true] : [false]) {
        for (const shardOptimizer of devices > 1 ? [false, true] : [false]) {
          found.push(withLargestGroup({ rowsPerDevice, shardOptimizer, recompute, cached }, options));
        }
      }
    }
  }
  return found;
}

/** The choice that needs least: gradients that are added up over groups of rows cost more than a few rows at once. */
function smallest(options: ChoosePlanOptions): Candidate {
  const { mayRecompute = true, cluster: { devices } } = options;
  const [rowsPerDevice] = rowCounts(options);
  const choice = { rowsPerDevice, cached: 0, recompute: mayRecompute, shardOptimizer: devices > 1 };
  const [one, all] = [1, rowsPerDevice].map((microBatchRows) => evaluateChoice({ ...choice, microBatchRows }, options));
  return one.memory.peak < all.memory.peak ? one : all;
}

/** Rows per device that are tried: those of the batch that is requested, or powers of two up to the largest. */
function rowCounts({ batch, largestBatch = 2048, cluster: { devices } }: ChoosePlanOptions): number[] {
  if (batch !== undefined) return [Math.ceil(batch / devices)];
  const counts = [1];
  while (2 * counts.at(-1)! * devices <= largestBatch) counts.push(2 * counts.at(-1)!);
  return counts;
}

function plainness({ choice: { cached, recompute, shardOptimizer, rowsPerDevice } }: Candidate): number {
  const choices = Number(cached > 0) * 4 + Number(recompute) * 2 + Number(shardOptimizer);
  return choices * 2 ** 32 + rowsPerDevice;
}

function checkOptions({ rows, batch, largestBatch = 2048, data, hostMemory }: ChoosePlanOptions): void {
  checkRowShape(rows);
  const counts = { largestBatch, "the data's rows": data.rows, "the data's epochs": data.epochs };
  for (const [name, value] of Object.entries({ ...counts, ...(batch !== undefined && { batch }) })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(`Cannot plan: ${name} must be a positive whole number, current value is ${value}`);
  }
  if (!(hostMemory > 0)) {
    throw new RangeError(`Cannot plan: hostMemory must be above 0 bytes, current value is ${hostMemory}`);
  }
}
