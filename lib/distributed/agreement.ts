/**
 * Detects ranks with different settings before any work is done.
 *
 * @module
 */
import type { Communicator } from "./communicator.ts";
import { gatherValues } from "./messages.ts";

/**
 * Checks that every rank has the same values.
 *
 * @param communicator The ranks.
 * @param values This rank's values, by name.
 * @throws {RangeError} On every rank, if they differ; the message names the ranks and the values.
 */
export async function checkAgreement(
  communicator: Communicator,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const [first, ...others] = await gatherValues(communicator, values);
  const lines = others.flatMap((other, index) => {
    const names = [...new Set([...Object.keys(first), ...Object.keys(other)])].sort();
    return names.filter((name) => first[name] !== other[name])
      .map((name) =>
        `${name} is ${other[name] ?? "absent"} on rank ${index + 1}, ${first[name] ?? "absent"} on rank 0`
      );
  });
  if (lines.length === 0) return;
  const more = lines.length > 8 ? `; and ${lines.length - 8} more` : "";
  throw new RangeError(
    `Cannot run on ${communicator.size} ranks: all must have the same settings; ${lines.slice(0, 8).join("; ")}${more}`,
  );
}

/** The device of a rank. */
export interface RankPlace {
  /** The engine's name for the device: `cpu`, `cuda:0`. */
  device: string;
  /** What else distinguishes devices with that name, such as `CUDA_VISIBLE_DEVICES`. */
  visible?: string;
}

/**
 * Checks that no two ranks compute on one GPU. Processors may be shared.
 *
 * @param communicator The ranks.
 * @param place The device of this rank.
 * @throws {RangeError} If two do; the message names them.
 */
export async function checkDevices(communicator: Communicator, place: RankPlace): Promise<void> {
  const places = await gatherValues(communicator, { host: communicator.host, ...place });
  const taken = new Map<string, number>();
  places.forEach(({ host, device, visible }, rank) => {
    if (device === "cpu") return;
    const key = JSON.stringify([host, device, visible]);
    const other = taken.get(key);
    if (other !== undefined) {
      throw new RangeError(
        `Cannot run on ${communicator.size} ranks: each needs a separate GPU, ranks ${other} and ${rank} both compute on ` +
          `${device} of ${host}; --device cuda assigns one to each, and there must be at least as many as ranks`,
      );
    }
    taken.set(key, rank);
  });
}

/**
 * A rank's number among those of its machine, from 0.
 *
 * @param communicator The ranks.
 */
export async function localRank(communicator: Communicator): Promise<number> {
  const hosts = await gatherValues(communicator, communicator.host);
  return hosts.slice(0, communicator.rank).filter((host) => host === communicator.host).length;
}
