/**
 * The communicator of GPUs: tensors by NCCL, straight from and to the devices' memory; all else by another
 * communicator, which spreads NCCL's id too.
 *
 * It is written against NCCL's C interface and tested without a GPU; no GPU has run it yet.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { TorchBackend } from "../backend.ts";
import { type Communicator, CommunicatorUnavailableError } from "../../../distributed/communicator.ts";
import { gatherValues } from "../../../distributed/messages.ts";
import { mpi } from "../../../distributed/mpi/mpi.ts";
import { deviceTensors } from "./device_tensors.ts";
import { errorText, openNccl } from "./library.ts";
import { UNIQUE_ID_BYTES } from "./symbols.ts";

/** Options for {@linkcode nccl}. */
export interface NcclOptions {
  /**
   * What joins the ranks; it carries NCCL's id, and whatever is no tensor.
   *
   * @default {mpi()}
   */
  control?: Communicator;
  /**
   * Where libnccl may lie.
   *
   * @default {linked into .engines/, beside PyTorch, in the system}
   */
  files?: readonly string[];
}

/** A communicator over NCCL, with its version. */
export interface NcclCommunicator extends Communicator {
  /** Which communicator this is. */
  readonly name: "nccl";
  /** NCCL's version. */
  readonly version: string;
}

/**
 * Joins the ranks' GPUs. The engine torch must be in use, on a CUDA device of the rank's own.
 *
 * @param options What joins the ranks, and where NCCL is.
 * @throws {CommunicatorUnavailableError} If the engine is another or not on CUDA, NCCL is absent, or two ranks have the
 * same GPU; the message names the remedy.
 * @throws {Error} If NCCL cannot join the ranks, with its message.
 */
export async function nccl(options: NcclOptions = {}): Promise<NcclCommunicator> {
  const { backend, cuda } = cudaEngine();
  const { functions, version } = openNccl(options.files);
  const control = options.control ?? mpi();
  const { rank, size } = control;
  checkGpus(await gatherValues(control, { host: control.host, gpu: cuda.busAddress }));

  const check = (what: string, result: number, communicator = 0n) => {
    if (result !== 0) throw new Error(`Cannot ${what}: NCCL's error is ${errorText(functions, result, communicator)}`);
  };
  const id = new Uint8Array(UNIQUE_ID_BYTES);
  if (rank === 0) check("make an id for the ranks", functions.ncclGetUniqueId(id));
  await control.broadcast(id);
  const cell = new BigUint64Array(1);
  check(`join ${size} ranks`, functions.ncclCommInitRank(cell, size, id, rank));
  const communicator = cell[0];
  let left = false;
  return {
    ...control,
    name: "nccl",
    version,
    tensors: deviceTensors({ backend, streams: cuda, functions, communicator, size }),
    async barrier() {
      await cuda.wait();
      const failed = Int32Array.of(0);
      check("query the ranks' state", functions.ncclCommGetAsyncError(communicator, failed));
      check("synchronize", failed[0], communicator);
      await control.barrier();
    },
    abort(status) {
      functions.ncclCommAbort(communicator);
      control.abort(status);
    },
    dispose() {
      if (!left) check("leave the ranks", functions.ncclCommDestroy(communicator));
      left = true;
      control.dispose();
    },
  };
}

/** The engine in use, if its tensors lie in a CUDA device's memory. */
function cudaEngine() {
  const backend = tf.getBackend() ? tf.backend() : undefined;
  const needed = "NCCL needs the engine torch on a CUDA device (--engine torch --device cuda:N)";
  if (!(backend instanceof TorchBackend)) {
    throw unavailable(`${needed}, current engine is ${tf.getBackend() || "none"}; use mpi for CPU engines`);
  }
  const { cuda } = backend.torch.library;
  if (!cuda) throw unavailable(`${needed}, current device is cpu; use mpi for the CPU`);
  return { backend, cuda };
}

/**
 * Checks that each rank has its own GPU.
 *
 * @param places Each rank's machine, and the address of its GPU there.
 * @throws {CommunicatorUnavailableError} If two have the same; the message names them.
 */
export function checkGpus(places: readonly { host: string; gpu: string }[]): void {
  const taken = new Map<string, number>();
  places.forEach(({ host, gpu }, rank) => {
    const key = `${host} ${gpu}`;
    const other = taken.get(key);
    if (other !== undefined) {
      const which = `ranks ${other} and ${rank} both have ${gpu}${host && ` of ${host}`}`;
      throw unavailable(`each rank needs a separate GPU, ${which}; --device cuda:N selects it`);
    }
    taken.set(key, rank);
  });
}

function unavailable(reason: string): CommunicatorUnavailableError {
  return new CommunicatorUnavailableError("nccl", reason);
}
