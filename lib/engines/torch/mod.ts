/**
 * The engine `torch`: a tensorflow.js backend over libtorch's stable C interface, called without a compiler and without
 * Python.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import {
  type Engine,
  type EngineAbilities,
  type EngineInfo,
  type EngineOptions,
  EngineUnavailableError,
} from "../engine.ts";
import { BACKEND_NAME, TorchBackend } from "./backend.ts";
import { cudaKernels } from "./cuda/kernels.ts";
import { BLOCK_TYPES } from "./packed/block_matrix.ts";
import { refuseOtherKernels, registerKernels } from "./kernel.ts";
import { kernels, processorKernels } from "./kernels/mod.ts";
import { openLibrary } from "./library.ts";
import { TorchError } from "./native_error.ts";
import { dtypes } from "./symbols.ts";
import { Torch } from "./torch.ts";

let running: { torch: Torch; device: string } | undefined;

/** The fastest engine; `deno task engine torch` installs what it needs. */
export const torch: Engine = {
  name: "torch",
  async start({ device: name = "cpu", precision = "float32", threads }: EngineOptions): Promise<EngineInfo> {
    if (precision !== "float32" && precision !== "bfloat16") {
      throw new RangeError(
        `Cannot use the engine "torch": precision must be float32 or bfloat16, current value is ${precision}`,
      );
    }
    const device = name === "cuda" ? "cuda:0" : name;
    if (running && running.device !== device) {
      throw new EngineUnavailableError(
        "torch",
        `it already runs on ${running.device} in this process, not on ${device}`,
      );
    }
    running ??= start(device);
    const { version } = running.torch.library;
    if (threads !== undefined) {
      if (!(Number.isInteger(threads) && threads > 0)) {
        throw new RangeError(`Cannot use the engine "torch": threads must be at least 1, current value is ${threads}`);
      }
      running.torch.threads.set(threads);
    }
    await tf.setBackend(BACKEND_NAME);
    const backend = tf.backend() as TorchBackend;
    backend.precision = precision;
    return { name: "torch", version, device, precision, abilities: abilitiesOf(backend) };
  },
};

function abilitiesOf({ lowProducts, torch: { library } }: TorchBackend): EngineAbilities {
  return {
    attention: library.cuda ? "laid-out" : "packed",
    fusedUpdates: ["adamw"],
    storage: ["float32", "bfloat16", "int8", "int4", "stored"],
    blocks: BLOCK_TYPES,
    halfCopies: lowProducts,
  };
}

function start(device: string): { torch: Torch; device: string } {
  const torch = new Torch(openLibrary(device));
  try {
    torch.scope(() => torch.full([1], 0, dtypes.float32));
  } catch (cause) {
    if (!(cause instanceof TorchError)) throw cause;
    throw new EngineUnavailableError("torch", `the device ${device} cannot be used (${cause.text})`, { cause });
  }
  tf.registerBackend(BACKEND_NAME, () => new TorchBackend(torch));
  const { cuda } = torch.library;
  const all = { ...kernels, ...cuda ? cudaKernels(cuda) : processorKernels };
  registerKernels(all, BACKEND_NAME);
  refuseOtherKernels(all, BACKEND_NAME);
  return { torch, device };
}
