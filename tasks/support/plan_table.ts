/**
 * Plans as texts.
 *
 * @module
 */
import { type Cluster, NoPlanError, type Plan } from "../../lib/planning/mod.ts";
import type { PlanSettings } from "./plan_setup.ts";
import { type Cell, formatTable } from "./table.ts";

const gigabits = (bytes: number) => `${+(bytes * 8 / 1e9).toPrecision(3)} Gbit/s`;
const microseconds = (seconds: number) => `${+(seconds * 1e6).toPrecision(3)} µs`;

/** What a plan rests on, in a few lines. */
export function assumptions(settings: PlanSettings, { device, inside, between, independent }: Cluster): string {
  const { student, teacher, rowTokens, responseTokens, longestRow, rows, epochs } = settings;
  const overhead = (device.stepOverhead + device.batchOverhead) * 1e3;
  return [
    `${student} ← ${teacher}; rows of ${rowTokens} tokens, ${responseTokens} of them response, at most ${longestRow}; ` +
    `${rows} rows, ${epochs} epochs`,
    `device: ${settings.device}, ${+(device.flops / 1e12).toPrecision(3)} TFLOP/s achieved, ` +
    `${+(device.memory / 1e9).toPrecision(3)} GB, ${+(device.memoryBandwidth / 1e9).toPrecision(3)} GB/s, ` +
    `${+overhead.toPrecision(3)} ms overhead` +
    (independent === undefined ? "" : `; ${independent} per node compute at full rate together`),
    `network: ${gigabits(inside.bandwidth)} and ${microseconds(inside.latency)} inside a node, ` +
    `${gigabits(between.bandwidth)} per node and ${microseconds(between.latency)} between nodes`,
  ].join("\n");
}

const head = [
  "devices",
  "nodes",
  "rows/device",
  "at once",
  "GB/device",
  "step ms",
  "compute",
  "waiting",
  "communication",
  "efficiency",
  "rows/s",
  "sharding",
  "recomputation",
  "teacher cache",
];

/** The table of plans, and below it the reasons. */
export function planTable(plans: readonly (Plan | NoPlanError)[], clusters: readonly Cluster[]): string {
  const rows = plans.map((plan, index): Cell[] => {
    const { devices, nodes } = clusters[index];
    if (plan instanceof NoPlanError) return [devices, nodes, ...head.slice(2).map(() => undefined)];
    const { choice, memory, time, rowsPerSecond } = plan;
    const { waiting, packing, exposed, seconds, efficiency } = time;
    const communication = packing + exposed;
    const milliseconds = [seconds, seconds - waiting - communication, waiting, communication].map((part) =>
      `${(1e3 * part).toFixed(1)}`
    );
    const onOff = (on: boolean) => on ? "on" : "off";
    return [
      devices,
      nodes,
      choice.rowsPerDevice,
      choice.microBatchRows,
      (memory.peak / 1e9).toFixed(1),
      ...milliseconds,
      `${(100 * efficiency).toFixed(1)} %`,
      Math.round(rowsPerSecond),
      ...[choice.shardOptimizer, choice.recompute, choice.cached > 0].map(onOff),
    ];
  });
  const reasons = plans.map((plan, index) => {
    const { devices } = clusters[index];
    if (plan instanceof NoPlanError) return `${devices} devices: ${plan.message}`;
    const { batch, sharding, recomputation, teacherCache } = plan.reasons;
    const parts = { batch, sharding, recomputation, "teacher cache": teacherCache };
    const lines = Object.entries(parts).map(([name, reason]) => `  ${name}: ${reason}`);
    return [`${devices} devices`, ...lines].join("\n");
  });
  return `${formatTable([head, ...rows])}\n\n${reasons.join("\n")}`;
}

/** A plan as one object. */
export function planLine(plan: Plan | NoPlanError, { devices, nodes }: Cluster): Record<string, unknown> {
  if (plan instanceof NoPlanError) return { devices, nodes, error: plan.message };
  const { batch, choice, memory, cacheBytes, time, rowsPerSecond, reasons } = plan;
  return { devices, nodes, batch, ...choice, memory, cacheBytes, time, rowsPerSecond, reasons };
}
