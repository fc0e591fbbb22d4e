/**
 * The engine `wasm`: tensorflow.js compiled to WebAssembly with SIMD, from npm packages alone.
 *
 * Two things that training needs are added to the backend: the kernel UnsortedSegmentSum (the gradient of a gather), and
 * a matrix product that transposes its arguments first, because the kernel's own path for transposed arguments is many
 * times slower than a transposition and its plain path together.
 *
 * @module
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { dirname } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { type Engine, type EngineInfo, type EngineOptions, requireFloat32OnCpu } from "./engine.ts";

let started: Promise<string> | undefined;

/** The default engine of a fresh machine. */
export const wasm: Engine = {
  name: "wasm",
  async start(options: EngineOptions): Promise<EngineInfo> {
    requireFloat32OnCpu("wasm", options);
    if ((options.threads ?? 1) !== 1) {
      throw new RangeError(`Cannot use the engine "wasm": it has one thread here, current value is ${options.threads}`);
    }
    const version = await (started ??= load());
    await tf.setBackend("wasm");
    return { name: "wasm", version, device: "cpu", precision: "float32" };
  },
};

async function load(): Promise<string> {
  const entry = import.meta.resolve("@tensorflow/tfjs-backend-wasm");
  const folder = dirname(fileURLToPath(entry)) + "/";
  // The package's loader was written for CommonJS and reads these two from the global scope.
  Object.assign(globalThis, { __dirname: folder, require: createRequire(entry) });
  const { setWasmPaths, version_wasm } = await import("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(folder);
  registerUnsortedSegmentSum();
  registerTransposingMatMul();
  return version_wasm;
}

/** What the kernels here use of the wasm backend. */
interface WasmBackend extends tf.KernelBackend {
  makeOutput(shape: number[], dtype: tf.DataType): tf.TensorInfo;
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array | Int32Array;
}

function registerUnsortedSegmentSum(): void {
  tf.registerKernel({
    kernelName: "UnsortedSegmentSum",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
      const { numSegments } = attrs as { numSegments: number };
      if (x.dtype !== "float32") throw new TypeError(`Cannot sum segments: values are float32, got ${x.dtype}`);
      const wasmBackend = backend as WasmBackend;
      const out = wasmBackend.makeOutput([numSegments, ...x.shape.slice(segmentIds.shape.length)], "float32");
      // Views of the heap are taken after the allocation, which may move it.
      const values = wasmBackend.typedArrayFromHeap(x);
      const segments = wasmBackend.typedArrayFromHeap(segmentIds);
      const sums = wasmBackend.typedArrayFromHeap(out).fill(0);
      const width = tf.util.sizeFromShape(out.shape) / numSegments;
      for (let row = 0; row < segments.length; row++) {
        const segment = segments[row];
        if (segment < 0 || segment >= numSegments) continue; // as the operation defines it
        for (let i = 0, from = row * width, to = segment * width; i < width; i++) sums[to + i] += values[from + i];
      }
      return out;
    },
  });
}

function registerTransposingMatMul(): void {
  const plain = tf.getKernel("BatchMatMul", "wasm");
  const transpose = tf.getKernel("Transpose", "wasm").kernelFunc;
  tf.unregisterKernel("BatchMatMul", "wasm");
  tf.registerKernel({
    ...plain,
    kernelFunc: (args) => {
      const { inputs, attrs } = args;
      const backend = args.backend as WasmBackend;
      const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
      if (!transposeA && !transposeB) return plain.kernelFunc(args);
      const transposed = (x: tf.TensorInfo): tf.TensorInfo => {
        const axes = x.shape.map((_, axis) => axis);
        axes.push(...axes.splice(-2).reverse());
        return transpose({ inputs: { x }, attrs: { perm: axes }, backend }) as tf.TensorInfo;
      };
      const a = transposeA ? transposed(inputs.a!) : inputs.a!;
      const b = transposeB ? transposed(inputs.b!) : inputs.b!;
      const product = plain.kernelFunc({ inputs: { a, b }, attrs: { transposeA: false, transposeB: false }, backend });
      if (transposeA) backend.disposeData(a.dataId);
      if (transposeB) backend.disposeData(b.dataId);
      return product;
    },
  });
}
