/**
 * The engine `wasm`: tensorflow.js compiled to WebAssembly with SIMD, from npm packages alone.
 *
 * Kernels that training needs and that the backend lacks, or has only slow ones for, are in files of their own.
 *
 * @module
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { type Engine, type EngineInfo, type EngineOptions, PLAIN_ABILITIES, requireFloat32OnCpu } from "../engine.ts";
import { registerFilledByRows } from "./filled_by_rows.ts";
import { registerGather } from "./gather.ts";
import { registerMatrixProduct } from "./matrix_product.ts";
import { registerSum } from "./sum.ts";
import { registerUnsortedSegmentSum } from "./unsorted_segment_sum.ts";

let started: Promise<string> | undefined;

/** The default engine of a fresh machine. */
export const wasm: Engine = {
  name: "wasm",
  async start(options: EngineOptions): Promise<EngineInfo> {
    requireFloat32OnCpu("wasm", options);
    if ((options.threads ?? 1) !== 1) {
      throw new RangeError(`Cannot use the engine "wasm": threads must be 1 here, current value is ${options.threads}`);
    }
    const version = await (started ??= load());
    await tf.setBackend("wasm");
    return { name: "wasm", version, device: "cpu", precision: "float32", abilities: PLAIN_ABILITIES };
  },
};

async function load(): Promise<string> {
  const entry = import.meta.resolve("@tensorflow/tfjs-backend-wasm");
  const folder = dirname(fileURLToPath(entry)) + "/";
  // The package's loader was written for CommonJS and reads these two from the global scope.
  Object.assign(globalThis, { __dirname: folder, require: createRequire(entry) });
  const { setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(folder);
  registerFilledByRows();
  registerGather();
  registerMatrixProduct();
  registerSum();
  registerUnsortedSegmentSum();
  return version_wasm;
}
