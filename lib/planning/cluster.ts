/**
 * Devices in nodes, and what their collective operations take.
 *
 * @module
 */
import { checkLink, type Collective, collectiveSeconds, type Link } from "./collectives.ts";

/** A device as the model sees it. */
export interface DeviceRates {
  /** Floating-point operations per second that training reaches, not those of the data sheet. */
  flops: number;
  /** Bytes per second from and to its memory. */
  memoryBandwidth: number;
  /** Bytes of its memory. */
  memory: number;
  /** Seconds of a step that do not depend on the batch: launches, the interpreter. */
  stepOverhead: number;
  /** Additional seconds for each group of rows that is processed at once. */
  batchOverhead: number;
}

/** Equal devices, equally many in each node. */
export interface Cluster {
  /** Devices, a rank each. */
  devices: number;
  /** Nodes; divides the devices. */
  nodes: number;
  /** A device. */
  device: DeviceRates;
  /** Between devices of a node. */
  inside: Link;
  /** Between nodes; its bandwidth is a node's, shared by all of its devices. */
  between: Link;
  /**
   * Devices of a node that compute at full rate together: for ranks on processors, the node's cores over the threads of
   * a rank. More than that share, each at a fraction of its rate.
   *
   * @default {all}
   */
  independent?: number;
}

/** Devices of a node. */
export function devicesPerNode({ devices, nodes }: Pick<Cluster, "devices" | "nodes">): number {
  return devices / nodes;
}

/**
 * Checks the parameters of a cluster.
 *
 * @throws {RangeError} If one is invalid; the message names it.
 */
export function checkCluster({ devices, nodes, device, inside, between, independent = 1 }: Cluster): void {
  const refuse = (name: string, requirement: string, value: number): never => {
    throw new RangeError(`Cannot plan: ${name} must be ${requirement}, current value is ${value}`);
  };
  for (const [name, value] of Object.entries({ devices, nodes })) {
    if (!Number.isInteger(value) || value < 1) refuse(name, "a positive whole number", value);
  }
  if (devices % nodes !== 0) refuse("devices", `a multiple of the ${nodes} nodes`, devices);
  const { flops, memoryBandwidth, memory, stepOverhead, batchOverhead } = device;
  for (const [name, value] of Object.entries({ flops, memoryBandwidth, memory, independent })) {
    if (!(value > 0)) refuse(name, "above 0", value);
  }
  for (const [name, value] of Object.entries({ stepOverhead, batchOverhead })) {
    if (!(value >= 0 && value < Infinity)) refuse(name, "a non-negative number of seconds", value);
  }
  checkLink(inside, "plan: inside a node");
  checkLink(between, "plan: between nodes");
}

/** How many times as long a rank computes because others of its node share its cores; 1 where none do. */
export function sharingFactor(cluster: Pick<Cluster, "devices" | "nodes" | "independent">): number {
  return Math.max(1, devicesPerNode(cluster) / (cluster.independent ?? Infinity));
}

/**
 * Estimates a collective operation over all devices.
 *
 * With several nodes of several devices it works by levels: an all-reduce is a reduce-scatter inside each node,
 * an all-reduce between nodes, in which a node's devices each move their own part over the link that they share, and an
 * all-gather inside. The others are halves of that.
 *
 * @param collective The operation.
 * @param bytes The whole tensor.
 * @returns Seconds.
 *
 * Source: the levels are those of S. Rajbhandari et al., "ZeRO++", 2023, and of NVIDIA's NCCL.
 */
export function clusterSeconds(
  collective: Collective,
  { bytes, cluster }: { bytes: number; cluster: Pick<Cluster, "devices" | "nodes" | "inside" | "between"> },
): number {
  const { nodes, inside, between } = cluster;
  const local = (operation: Collective) =>
    collectiveSeconds(operation, { bytes, partners: devicesPerNode(cluster), link: inside });
  if (nodes === 1) return local(collective);
  const far = collectiveSeconds(collective, { bytes, partners: nodes, link: between });
  return collective === "all-reduce" ? local("reduce-scatter") + far + local("all-gather") : local(collective) + far;
}
