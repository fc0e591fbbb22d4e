/**
 * Kernels that pick elements by index, or put or add them where an index says.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { expand, kernel, type KernelGroup, reshape, shaped } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

/** The places, in rows of a flattened tensor, that tuples of indices point at: `Σ index_i · stride_i`. */
function flatPlaces(
  backend: TorchBackend,
  indices: tf.TensorInfo,
  { count, strides }: { count: number; strides: number[] },
): Handle {
  const { torch } = backend;
  const depth = strides.length;
  const tuples = reshape(torch, shaped(backend, indices), [count, depth]);
  const steps = backend.upload(Int32Array.from(strides), [depth], dtypes.int32);
  return torch.call("sum", torch.call("multiply", tuples, steps), [1], false, dtypes.int64);
}

/** Sums rows into `size` rows by place; a place outside is left out. Whole numbers pass through float64, exactly. */
function sumRows(torch: Torch, { rows, places, size }: { rows: Handle; places: Handle; size: number }): Handle {
  const stored = torch.dtype(rows);
  const whole = stored === dtypes.int32 || stored === dtypes.bool;
  const floats = torch.cast(rows, whole ? dtypes.float64 : dtypes.float32);
  const sums = sumPlaces(torch, { floats, places, size });
  return whole ? torch.cast(sums, stored) : sums; // sums stay float32
}

/** The processor's operator leaves out places outside; CUDA's would write there, so they get a row that is cut off. */
function sumPlaces(torch: Torch, { floats, places, size }: { floats: Handle; places: Handle; size: number }): Handle {
  if (!torch.library.cuda) return torch.call("embeddingBackward", floats, places, size, -1, false);
  const [zero, end] = [torch.scalar(0, dtypes.int32), torch.scalar(size, dtypes.int32)];
  const inside = torch.call("logicalAnd", torch.call("greaterEqual", places, zero), torch.call("less", places, end));
  const safe = torch.call("where", inside, places, torch.cast(end, torch.dtype(places)));
  const sums = torch.call("embeddingBackward", floats, safe, size + 1, -1, false);
  const width = torch.shape(sums)[1];
  return torch.view(sums, [size, width], [width, 1]);
}

/** Kernels by index. */
export const gatherKernels: KernelGroup = {
  Embedding: kernel(({ inputs: { table, ids }, backend, torch }) => {
    const places = backend.handle(ids);
    const packed = backend.packed(table);
    const picked = packed
      ? packed.picked(places, ids.shape[0])
      : torch.call("embedding", backend.handle(table), places, -1, false, false);
    return backend.own(picked, [ids.shape[0], table.shape[1]], "float32");
  }),

  AddRows: kernel(({ inputs: { sum, rows, places }, backend, torch }) => {
    const [into, index] = [backend.handle(sum), backend.handle(places)];
    const floats = torch.cast(backend.handle(rows), dtypes.float32);
    // On CUDA adding in place depends on the order in which threads come.
    if (torch.library.cuda || torch.dtype(into) !== dtypes.float32) {
      const sums = sumRows(torch, { rows: floats, places: index, size: sum.shape[0] });
      return backend.own(torch.add(torch.cast(into, dtypes.float32), sums), sum.shape, "float32");
    }
    const everywhere = torch.view(torch.cast(index, dtypes.int64), rows.shape, [1, 0]);
    torch.call("scatterAddInPlace", into, 0, everywhere, floats);
    return backend.share(sum);
  }),

  ReplaceRows: kernel<{ start: number }>(({ inputs: { matrix, rows }, attrs: { start }, backend, torch }) => {
    const stored = backend.handle(matrix);
    const into = torch.cast(stored, dtypes.float32);
    const [step, element] = torch.strides(into, 2);
    torch.copy(torch.view(into, rows.shape, [step, element], start * step), backend.handle(rows));
    return into === stored ? backend.share(matrix) : backend.own(into, matrix.shape, "float32");
  }),

  GatherV2: kernel<tf.GatherV2Attrs>(({ inputs: { x, indices }, attrs, backend, torch }) => {
    const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0];
    const plan = tf.backend_util.segment_util.collectGatherOpShapeInfo(
      x as tf.Tensor,
      indices as tf.Tensor,
      axis,
      attrs.batchDims ?? 0,
    );
    const { batchSize, outerSize, dimSize, sliceSize, outputShape } = plan;
    const count = tf.util.sizeFromShape(indices.shape) / batchSize;
    if (batchSize === 1) {
      const places = reshape(torch, shaped(backend, indices), [count]);
      const source = backend.handle(x);
      const picked = axis === 0 && x.shape.length === 2
        ? torch.call("embedding", source, places, -1, false, false)
        : torch.call("indexSelect", source, axis, places);
      const shape = x.shape.toSpliced(axis, 1, count);
      return backend.own(reshape(torch, { handle: picked, shape }, outputShape), outputShape, x.dtype);
    }
    const source = reshape(torch, shaped(backend, x), [batchSize, outerSize, dimSize, sliceSize]);
    const places = torch.cast(reshape(torch, shaped(backend, indices), [batchSize, 1, count, 1]), dtypes.int64);
    const shape = [batchSize, outerSize, count, sliceSize];
    const everywhere = expand(torch, { handle: places, shape: [batchSize, 1, count, 1] }, shape);
    const picked = torch.call("gather", source, 2, everywhere, false);
    return backend.own(reshape(torch, { handle: picked, shape }, outputShape), outputShape, x.dtype);
  }),

  GatherNd: kernel(({ inputs: { params, indices }, backend, torch }) => {
    const [shape, count, width, strides] = tf.backend_util.prepareAndValidate(params, indices);
    if (count === 0) return backend.own(torch.empty(shape, torch.dtype(backend.handle(params))), shape, params.dtype);
    const depth = indices.shape[indices.shape.length - 1];
    const places = flatPlaces(backend, indices, { count, strides: strides.slice(0, depth) });
    const rows = reshape(torch, shaped(backend, params), [tf.util.sizeFromShape(params.shape) / width, width]);
    const picked = torch.call("indexSelect", rows, 0, places);
    return backend.own(reshape(torch, { handle: picked, shape: [count, width] }, shape), shape, params.dtype);
  }),

  ScatterNd: kernel<tf.ScatterNdAttrs>(({ inputs: { indices, updates }, attrs: { shape }, backend, torch }) => {
    const plan = tf.backend_util.calculateShapes(updates, indices, shape);
    const { sliceRank, numUpdates, sliceSize, strides, outputSize } = plan;
    const size = outputSize / sliceSize;
    const places = flatPlaces(backend, indices, { count: numUpdates, strides: strides.slice(0, sliceRank) });
    const rows = reshape(torch, shaped(backend, updates), [numUpdates, sliceSize]);
    const sums = sumRows(torch, { rows, places, size });
    return backend.own(reshape(torch, { handle: sums, shape: [size, sliceSize] }, shape), shape, updates.dtype);
  }),

  TensorScatterUpdate: kernel(({ inputs: { tensor, indices, updates }, backend, torch }) => {
    const plan = tf.backend_util.calculateShapes(updates, indices, tensor.shape);
    const { sliceRank, numUpdates, sliceSize, strides, outputSize } = plan;
    const size = outputSize / sliceSize;
    const places = flatPlaces(backend, indices, { count: numUpdates, strides: strides.slice(0, sliceRank) });
    const rows = reshape(torch, shaped(backend, updates), [numUpdates, sliceSize]);
    const base = reshape(torch, shaped(backend, tensor), [size, sliceSize]);
    const result = torch.call("indexCopy", base, 0, places, torch.cast(rows, torch.dtype(base)));
    const { shape } = tensor;
    return backend.own(reshape(torch, { handle: result, shape: [size, sliceSize] }, shape), shape, tensor.dtype);
  }),

  /** Rows of `x` summed by segment; a row whose segment is negative or too large is left out. */
  UnsortedSegmentSum: kernel<tf.UnsortedSegmentSumAttrs>(({ inputs: { x, segmentIds }, attrs, backend, torch }) => {
    const { numSegments } = attrs;
    const inner = x.shape.slice(segmentIds.shape.length);
    const count = tf.util.sizeFromShape(segmentIds.shape), width = tf.util.sizeFromShape(inner);
    const rows = reshape(torch, shaped(backend, x), [count, width]);
    const places = reshape(torch, shaped(backend, segmentIds), [count]);
    const sums = sumRows(torch, { rows, places, size: numSegments });
    const shape = [numSegments, ...inner];
    return backend.own(reshape(torch, { handle: sums, shape: [numSegments, width] }, shape), shape, x.dtype);
  }),
};
