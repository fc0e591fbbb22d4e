/**
 * The communicator of a single process: its collectives have nothing to do.
 *
 * @module
 */
import { checkParts, checkRank } from "./collective_checks.ts";
import type { Communicator } from "./communicator.ts";

/**
 * Makes the communicator of a run of one process.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { single } from "@amid/amid/distributed";
 *
 * const communicator = single();
 * const numbers = Float32Array.of(1, 2);
 * await communicator.allReduce(numbers);
 * assert.deepEqual([communicator.size, ...numbers], [1, 1, 2]);
 * ```
 */
export function single(): Communicator {
  const group = { size: 1 };
  const share = (from: Parameters<Communicator["allGather"]>[0], to: typeof from) => {
    checkParts(from, to, group);
    to.set(from);
    return Promise.resolve();
  };
  return {
    name: "single",
    rank: 0,
    size: 1,
    host: "",
    tensors: {
      allReduce: (tensors) => Promise.resolve([...tensors]),
      reduceScatter: (whole) => Promise.resolve(whole),
      allGather: (part) => Promise.resolve(part),
      broadcast: async (tensors, { root = 0 } = {}) => (await checkRank(root, group), [...tensors]),
    },
    broadcast: async (_data, { root = 0 } = {}) => await checkRank(root, group),
    allReduce: () => Promise.resolve(),
    reduceScatter: async (whole, part) => await share(whole, part),
    allGather: async (part, whole) => await share(part, whole),
    barrier: () => Promise.resolve(),
    abort() {},
    dispose() {},
  };
}
