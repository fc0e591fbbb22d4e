/** What the tests of plans share: GPT-2 124M from 355M on devices of round numbers. */
import fc from "fast-check";
import { type ChoosePlanOptions, type Cluster, describeModel, type PlanChoice } from "../../lib/planning/mod.ts";

const gpt2 = { model_type: "gpt2", vocab_size: 50257, n_positions: 1024 };
export const student = describeModel({ ...gpt2, n_embd: 768, n_layer: 12, n_head: 12 });
export const teacher = describeModel({ ...gpt2, n_embd: 1024, n_layer: 24, n_head: 16 });

export const rows = { tokens: 100, responseTokens: 50, longest: 400, deviation: 80 };
export const device = { flops: 1e14, memoryBandwidth: 1e12, memory: 80e9, stepOverhead: 1e-3, batchOverhead: 1e-3 };

export function clusterOf(devices: number, nodes: number, more: Partial<Cluster> = {}): Cluster {
  const inside = { latency: 5e-6, bandwidth: 3e11 }, between = { latency: 1e-5, bandwidth: 12.5e9 };
  return { devices, nodes, device, inside, between, ...more };
}

export const plain: PlanChoice = {
  rowsPerDevice: 8,
  microBatchRows: 8,
  shardOptimizer: false,
  recompute: false,
  cached: 0,
};

export const planOptions = (cluster: Cluster): ChoosePlanOptions => ({
  student,
  teacher,
  cluster,
  rows,
  data: { rows: 11_000, epochs: 20 },
  hostMemory: 1e12,
  fused: true,
});

/** Any cluster of up to 64 nodes of up to 8 devices. */
export const anyCluster: fc.Arbitrary<Cluster> = fc.record({
  nodes: fc.integer({ min: 1, max: 64 }),
  perNode: fc.integer({ min: 1, max: 8 }),
  latency: fc.double({ min: 0, max: 1e-3, noNaN: true }),
  bandwidth: fc.double({ min: 1e8, max: 1e11, noNaN: true }),
  independent: fc.constantFrom(undefined, 1, 2, 4),
}).map(({ nodes, perNode, latency, bandwidth, independent }) =>
  clusterOf(nodes * perNode, nodes, { between: { latency, bandwidth }, independent })
);

/** Any choice of up to 64 rows. */
export const anyChoice: fc.Arbitrary<PlanChoice> = fc.record({
  rowsPerDevice: fc.integer({ min: 1, max: 64 }),
  microBatchRows: fc.integer({ min: 1, max: 64 }),
  shardOptimizer: fc.boolean(),
  recompute: fc.boolean(),
  cached: fc.double({ min: 0, max: 1, noNaN: true }),
});
