/**
 * Many processes, one run.
 *
 * @module
 */
import type { Communicator, CommunicatorName } from "./communicator.ts";
import { mpi } from "./mpi/mpi.ts";
import { single } from "./single.ts";

export { checkAgreement, checkDevices, localRank, type RankPlace } from "./agreement.ts";
export * from "./communicator.ts";
export { dealPlaces, onAnyRank, RankError, shareOf, type ShareOptions, spread, type SpreadOptions } from "./deal.ts";
export { onFirstRank } from "./first_rank.ts";
export { broadcastValue, gatherValues } from "./messages.ts";
export type { OpenMpiOptions } from "./mpi/library.ts";
export { mpi, type MpiCommunicator } from "./mpi/mpi.ts";
export type { NcclCommunicator, NcclOptions } from "../engines/torch/nccl/nccl.ts";
export { single } from "./single.ts";

/** How each communicator is opened. */
const communicators: Record<CommunicatorName, () => Communicator | Promise<Communicator>> = {
  single,
  mpi,
  nccl: async () => await (await import("../engines/torch/nccl/nccl.ts")).nccl(),
};

/**
 * Opens a communicator by name.
 *
 * @param name Its name.
 * @throws {CommunicatorUnavailableError} If something that it needs is missing.
 * @throws {RangeError} If there is none of that name.
 */
export async function openCommunicator(name: CommunicatorName): Promise<Communicator> {
  const open = Object.hasOwn(communicators, name) ? communicators[name] : undefined;
  if (!open) {
    const known = Object.keys(communicators).join(", ");
    throw new RangeError(`Cannot open a communicator: its name must be one of ${known}, current value is ${name}`);
  }
  return await open();
}
