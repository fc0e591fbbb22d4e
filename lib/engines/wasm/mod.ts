/**
 * The engine `wasm`: tensorflow.js compiled to WebAssembly with SIMD, from npm packages alone.
 *
 * Kernels that training needs and that the backend lacks, or has only slow ones for, are in files of their own. Those that
 * take most of the time are WebAssembly of ours (`kernels/`), put together when the engine starts (`assembler/`), and run on
 * as many threads as there are, in the backend's own memory.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import {
  type Engine,
  type EngineAbilities,
  type EngineInfo,
  type EngineOptions,
  PLAIN_ABILITIES,
  requireFloat32OnCpu,
} from "../engine.ts";
import { registerFilledByRows } from "./filled_by_rows.ts";
import { registerGather } from "./gather.ts";
import { registerGelu } from "./gelu.ts";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import { registerIdentity } from "./identity.ts";
import { registerLayerNorm } from "./layer_norm.ts";
import { registerMatrixProduct } from "./matrix_product.ts";
import { registerOptimizer } from "./optimizer.ts";
import { withSharedMemory } from "./shared_memory.ts";
import { registerSoftmax } from "./softmax.ts";
import { registerSum } from "./sum.ts";
import { type ThreadCount, threadCount, threadsAtMost } from "./thread_count.ts";
import { registerUnsortedSegmentSum } from "./unsorted_segment_sum.ts";

/** What was loaded. */
interface Loaded {
  version: string;
  /** Threads at most. */
  most: ThreadCount;
}

const abilities: EngineAbilities = { ...PLAIN_ABILITIES, fusedUpdates: ["adamw"] };

let started: Promise<Loaded> | undefined;

/** The default engine of a fresh machine. */
export const wasm: Engine = {
  name: "wasm",
  async start(options: EngineOptions): Promise<EngineInfo> {
    requireFloat32OnCpu("wasm", options);
    const { version, most } = await (started ??= load());
    const { threads, reason } = threadCount(options.threads, most);
    await tf.setBackend("wasm");
    const kernels = kernelsOf(tf.backend() as WasmBackend);
    kernels.setThreads(threads);
    const means = `${kernels.fused ? "relaxed SIMD" : "SIMD"}, ${threads} thread${threads > 1 ? "s" : ""}` +
      (reason === undefined ? "" : ` (${reason})`);
    return { name: "wasm", version, device: "cpu", precision: "float32", abilities, means };
  },
};

async function load(): Promise<Loaded> {
  const most = threadsAtMost();
  const entry = import.meta.resolve("@tensorflow/tfjs-backend-wasm");
  const folder = dirname(fileURLToPath(entry)) + "/";
  // The package's loader was written for CommonJS and reads these two from the global scope.
  Object.assign(globalThis, { __dirname: folder, require: createRequire(entry) });
  const { setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
  if (most.threads > 1) setWasmPaths(await sharedModules(folder), true);
  else setWasmPaths(folder);
  registerFilledByRows();
  registerGather();
  registerGelu();
  registerIdentity();
  registerLayerNorm();
  registerMatrixProduct();
  registerOptimizer();
  registerSoftmax();
  registerSum();
  registerUnsortedSegmentSum();
  return { version: version_wasm, most };
}

/** The package's modules by their names; the one with SIMD with a memory that threads share. */
async function sharedModules(folder: string): Promise<Record<string, string>> {
  const [plain, simd, threaded] = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);
  const bytes = withSharedMemory(await readFile(folder + simd));
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/wasm" }));
  return { [plain]: folder + plain, [simd]: url, [threaded]: folder + threaded };
}
