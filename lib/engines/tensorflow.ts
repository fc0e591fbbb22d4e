/**
 * The engine `tensorflow`: TensorFlow's library through the package `@tensorflow/tfjs-node` or `tfjs-node-gpu`.
 *
 * The package is not among the project's dependencies, since it is only useful with a library of several hundred
 * megabytes; `deno task engine tensorflow` installs both into a separate folder. Only the package's kernels, backend
 * and native addon are loaded. Its entry point would add file handlers and an addon locator that needs permission for
 * the environment, neither of which is used here. The package finds `@tensorflow/tfjs` in the project's `node_modules`,
 * so that there is one tensorflow.js in the process.
 *
 * @module
 */
import { createRequire } from "node:module";
import util from "node:util";
import * as tf from "@tensorflow/tfjs-core";
import { type Engine, type EngineInfo, type EngineOptions, EngineUnavailableError, PLAIN_ABILITIES } from "./engine.ts";
import { engineFolder } from "./folder.ts";

/** The description of an installed engine, in the file `installed.json`. */
export interface InstalledTensorflow {
  /** The npm package with its version. */
  package: string;
  /** The path of the native addon, relative to the engine's folder. */
  addon: string;
  /** Whether the libraries can compute on CUDA devices. */
  gpu: boolean;
  /** Where the libraries came from: the package's archive or Python's wheel. */
  source: "prebuilt" | "wheel";
}

/** The functions of the native addon used here. */
interface Addon {
  TF_Version: string;
}

/** What the package's backend knows of its device. */
interface NodeBackend extends tf.KernelBackend {
  isUsingGpuDevice: boolean;
}

let loaded: { version: string; threads?: number } | undefined;

/** TensorFlow's library, on the CPU or on a CUDA device. */
export const tensorflow: Engine = {
  name: "tensorflow",
  async start(options: EngineOptions): Promise<EngineInfo> {
    const { precision = "float32", threads } = options;
    if (precision !== "float32") {
      throw new RangeError(
        `Cannot use the engine "tensorflow": precision must be float32, current value is ${precision}`,
      );
    }
    if (loaded && threads !== undefined && threads !== loaded.threads) {
      throw new RangeError(
        `Cannot use the engine "tensorflow": threads can only be set when it is first started, current value is ${threads}`,
      );
    }
    loaded ??= { version: loadTensorflow(engineFolder("tensorflow"), { threads }), threads };
    const device = (tf.findBackend("tensorflow") as NodeBackend).isUsingGpuDevice ? "cuda:0" : "cpu";
    if (options.device !== undefined && options.device !== device) {
      throw new RangeError(
        `Cannot use the engine "tensorflow": device must be ${device} here, current value is ${options.device}`,
      );
    }
    await tf.setBackend("tensorflow");
    return { name: "tensorflow", version: loaded.version, device, precision, abilities: PLAIN_ABILITIES };
  },
};

/** Options for {@linkcode loadTensorflow}. */
export interface LoadTensorflowOptions {
  /**
   * Threads per operation. Needs permission to set an environment variable.
   *
   * @default {the library's choice, the number of processors}
   */
  threads?: number;
}

/**
 * Loads the libraries and registers the backend `tensorflow` with its kernels.
 *
 * @param folder Where the engine is installed.
 * @returns The version of TensorFlow.
 * @throws {EngineUnavailableError} If nothing is installed there, or it cannot be loaded.
 */
export function loadTensorflow(folder: URL, options: LoadTensorflowOptions = {}): string {
  const { threads } = options;
  const { package: packageName, addon } = readInstalled(folder);
  // The library reads these when it is loaded. Without permission to set them, its log messages about the CPU are
  // printed.
  if (mayWriteEnv("TF_CPP_MIN_LOG_LEVEL")) Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "2");
  if (threads !== undefined) {
    for (const name of ["TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"]) Deno.env.set(name, String(threads));
  }
  supplyDroppedUtilities();
  const name = packageName.slice(0, packageName.lastIndexOf("@"));
  const require = createRequire(new URL(`node_modules/${name}/package.json`, folder));
  try {
    const binding: Addon = require(new URL(addon, folder).pathname);
    require("./dist/register_all_kernels.js");
    const { NodeJSKernelBackend } = require("./dist/nodejs_kernel_backend.js");
    tf.registerBackend("tensorflow", () => new NodeJSKernelBackend(binding, name), 3);
    return binding.TF_Version;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineUnavailableError(
      "tensorflow",
      `its library does not load (${reason}); it needs --allow-ffi=.engines; if it is damaged, remove ` +
        `.engines/tensorflow and run: deno task engine tensorflow`,
      { cause: error },
    );
  }
}

/**
 * Reads what is installed in a folder.
 *
 * @throws {EngineUnavailableError} If nothing is installed.
 */
export function readInstalled(folder: URL): InstalledTensorflow {
  try {
    return JSON.parse(Deno.readTextFileSync(new URL("installed.json", folder)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new EngineUnavailableError("tensorflow", "it is not installed; run: deno task engine tensorflow");
  }
}

/** The package was written for a Node that still had these functions in `util`. */
function supplyDroppedUtilities(): void {
  const dropped = {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
    isArray: Array.isArray,
  };
  Object.assign(util, { ...dropped, ...util });
}

function mayWriteEnv(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
