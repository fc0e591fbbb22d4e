/**
 * Plans of distributed runs: what a step takes on a number of devices, by a model of compute and communication, and
 * which batch, sharding, recomputation and teacher cache to choose.
 *
 * @example A pair on eight devices
 * ```ts
 * import { choosePlan, describeModel, deviceFigures, DOLLY_ROWS } from "@amid/amid/planning";
 *
 * const shape = { model_type: "gpt2", vocab_size: 50257, n_positions: 1024 };
 * const student = describeModel({ ...shape, n_embd: 768, n_layer: 12, n_head: 12 });
 * const teacher = describeModel({ ...shape, n_embd: 1024, n_layer: 24, n_head: 16 });
 * const { peakFlops, memoryBandwidth, memory, inside } = deviceFigures.h100;
 * const device = { flops: 0.4 * peakFlops, memoryBandwidth, memory, stepOverhead: 2e-3, batchOverhead: 2e-3 };
 * const cluster = { devices: 8, nodes: 1, device, inside, between: { latency: 1e-5, bandwidth: 50e9 } };
 * const data = { rows: 11_000, epochs: 20 };
 * const plan = choosePlan({ student, teacher, cluster, rows: DOLLY_ROWS, data, hostMemory: 1e12, fused: true });
 * console.log(plan.batch, plan.time.efficiency, plan.reasons.sharding);
 * ```
 *
 * @module
 */
export { type CacheShare, cacheShare, type CacheShareOptions } from "./cache_share.ts";
export { choosePlan, NoPlanError, type Plan } from "./choose_plan.ts";
export { type Cluster, clusterSeconds, type DeviceRates } from "./cluster.ts";
export {
  type Collective,
  type CollectiveCost,
  collectiveCosts,
  type CollectiveOptions,
  collectiveSeconds,
  type Link,
} from "./collectives.ts";
export { describeModel } from "./describe_model.ts";
export { type DeviceFigures, deviceFigures } from "./device_figures.ts";
export { type Candidate, type ChoosePlanOptions, evaluateChoice } from "./evaluate_choice.ts";
export { type ExposedOptions, exposedSeconds } from "./exposed_seconds.ts";
export { fitDevice, type StepTiming } from "./fit_device.ts";
export { type CollectiveTiming, fitLink } from "./fit_link.ts";
export { type PlanMemory, planMemory, type PlanMemoryOptions } from "./plan_memory.ts";
export { type PlanReasons } from "./plan_reasons.ts";
export { DOLLY_ROWS, type RowShape } from "./row_shape.ts";
export { type PlanChoice, type StepTime, stepTime, type StepTimeOptions } from "./step_time.ts";
export { type StepWork, stepWork, type StepWorkOptions, type WorkExtent } from "./step_work.ts";
