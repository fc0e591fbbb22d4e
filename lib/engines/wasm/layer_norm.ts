/**
 * The kernels LayerNorm and LayerNormGrad, see `lib/operations/layer_norm.ts`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { withColumnSums } from "./column_sums.ts";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import { floatBits, rowsJob, summedRowsJob } from "./jobs.ts";

/** Registers the kernels. */
export function registerLayerNorm(): void {
  tf.registerKernel({
    kernelName: "LayerNorm",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend: ofKernel }) => {
      const { x, gain, bias } = inputs as Record<string, tf.TensorInfo>;
      const { epsilon } = attrs as unknown as { epsilon: number };
      const backend = ofKernel as WasmBackend;
      const [lead, width] = [x.shape.slice(0, -1), x.shape.at(-1)!];
      const out = [x.shape, [...lead, 1], [...lead, 1]].map((shape) => backend.makeOutput(shape, "float32"));
      const placeOf = ({ dataId }: tf.TensorInfo) => backend.getMemoryOffset(dataId);
      const [y, mean, scale] = out;
      kernelsOf(backend).run(rowsJob("layerNorm", {
        rows: tf.util.sizeFromShape(lead),
        width,
        tensors: [placeOf(x), placeOf(y)],
        fields: [...[gain, bias, mean, scale].map(placeOf), floatBits(width), floatBits(epsilon)],
      }));
      return out;
    },
  });
  tf.registerKernel({
    kernelName: "LayerNormGrad",
    backendName: "wasm",
    kernelFunc: ({ inputs, backend: ofKernel }) => {
      const { dy, x, gain, mean, reciprocalDeviation } = inputs as Record<string, tf.TensorInfo>;
      const backend = ofKernel as WasmBackend;
      const width = x.shape.at(-1)!;
      const dx = backend.makeOutput(x.shape, "float32");
      const placeOf = ({ dataId }: tf.TensorInfo) => backend.getMemoryOffset(dataId);
      const sums = withColumnSums(backend, {
        kinds: 2,
        width,
        job: (places, bytes) =>
          summedRowsJob("layerNormGradient", {
            rows: tf.util.sizeFromShape(x.shape.slice(0, -1)),
            width,
            tensors: [dy, x, dx].map(placeOf),
            fields: [...[gain, mean, reciprocalDeviation].map(placeOf), ...places, bytes, floatBits(width)],
          }),
      });
      return [dx, ...sums];
    },
  });
}
