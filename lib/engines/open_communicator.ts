/**
 * Communicators by name, including those that transfer an engine's tensors.
 *
 * @module
 */
import type { Communicator, CommunicatorName } from "../distributed/communicator.ts";
import { mpi } from "../distributed/mpi/mpi.ts";
import { single } from "../distributed/single.ts";

/** How each communicator is opened. */
const communicators: Record<CommunicatorName, () => Communicator | Promise<Communicator>> = {
  single,
  mpi,
  nccl: async () => await (await import("./torch/nccl/nccl.ts")).nccl(),
};

/**
 * Opens a communicator by name.
 *
 * @param name Its name.
 * @throws {CommunicatorUnavailableError} If something it needs is missing.
 * @throws {RangeError} If the name is unknown.
 */
export async function openCommunicator(name: CommunicatorName): Promise<Communicator> {
  const open = Object.hasOwn(communicators, name) ? communicators[name] : undefined;
  if (!open) {
    const known = Object.keys(communicators).join(", ");
    throw new RangeError(`Cannot open a communicator: its name must be one of ${known}, current value is ${name}`);
  }
  return await open();
}
