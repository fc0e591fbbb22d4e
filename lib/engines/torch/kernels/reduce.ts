/**
 * Kernels that sum, compare or accumulate along axes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fromFront, kernel, type KernelGroup, reshape, type Shaped } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

/** The axes of a reduction, as its kernels name them. */
interface ReductionAttributes {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims?: boolean;
}

interface Reduction {
  torch: Torch;
  handle: Handle;
  axes: number[];
  keep: boolean;
  dtype: tf.DataType;
}

const reduction = (
  reduce: (reduction: Reduction) => Handle,
  resultType: (dtype: tf.DataType) => tf.DataType = (dtype) => dtype,
) =>
  kernel<ReductionAttributes>(({ inputs: { x }, attrs, backend, torch }) => {
    const { axis = attrs.reductionIndices, keepDims: keep = false } = attrs;
    const axes = tf.util.parseAxisParam(axis ?? x.shape.map((_, i) => i), x.shape);
    const shape = keep
      ? x.shape.map((size, i) => axes.includes(i) ? 1 : size)
      : x.shape.filter((_, i) => !axes.includes(i));
    const dtype = resultType(x.dtype);
    const handle = backend.handle(x);
    // To libtorch no axes are all axes.
    if (axes.length === 0) return backend.own(torch.alias(handle), shape, dtype);
    return backend.own(reduce({ torch, handle, axes, keep, dtype }), shape, dtype);
  });

/** Sums of truth values count, and what is stored in bfloat16 is summed in float32. */
const sumType = (dtype: tf.DataType): tf.DataType => dtype === "bool" ? "int32" : dtype;
const sumCode = (dtype: tf.DataType): DTypeCode => dtype === "float32" ? dtypes.float32 : dtypes.int32;

const arg = (operator: "argmax" | "argmin") =>
  reduction(({ torch, handle, axes, keep }) => torch.call(operator, handle, axes[0], keep), () => "int32");

interface ScanAttributes {
  axis: number;
  exclusive: boolean;
  reverse: boolean;
}

const scan = (operator: "cumsum" | "cumprod") =>
  kernel<ScanAttributes>(({ inputs: { x }, attrs, backend, torch }) => {
    const axis = fromFront(attrs.axis, x.shape.length);
    const dtype = operator === "cumsum" ? sumType(x.dtype) : x.dtype;
    let handle: Handle = backend.handle(x);
    if (attrs.reverse) handle = torch.call("flip", handle, [axis]);
    if (attrs.exclusive) {
      handle = shifted(torch, { handle, shape: x.shape }, { axis, first: Number(operator === "cumprod") });
    }
    handle = torch.call(operator, handle, axis, sumCode(dtype));
    if (attrs.reverse) {
      handle = torch.call("flip", handle, [axis]);
    }
    return backend.own(handle, x.shape, dtype);
  });

/** The elements moved one place on along an axis, `first` before them and the last one left out. */
function shifted(torch: Torch, { handle, shape }: Shaped, { axis, first }: { axis: number; first: number }): Handle {
  const size = (length: number) => shape.map((size, i) => i === axis ? length : size);
  const rest = torch.view(handle, size(Math.max(shape[axis] - 1, 0)), torch.strides(handle, shape.length));
  return torch.call("cat", [torch.full(size(Math.min(shape[axis], 1)), first, torch.dtype(handle)), rest], axis);
}

/** Kernels along axes. */
export const reduceKernels: KernelGroup = {
  Sum: reduction(
    ({ torch, handle, axes, keep, dtype }) => torch.call("sum", handle, axes, keep, sumCode(dtype)),
    sumType,
  ),
  Mean: reduction(
    ({ torch, handle, axes, keep }) => torch.call("mean", handle, axes, keep, dtypes.float32),
    () => "float32",
  ),
  Max: reduction(({ torch, handle, axes, keep }) => torch.call("amax", handle, axes, keep)),
  Min: reduction(({ torch, handle, axes, keep }) => torch.call("amin", handle, axes, keep)),
  All: reduction(({ torch, handle, axes, keep }) => torch.call("all", handle, axes, keep), () => "bool"),
  Any: reduction(({ torch, handle, axes, keep }) => torch.call("any", handle, axes, keep), () => "bool"),
  Prod: reduction(
    ({ torch, handle, axes, keep, dtype }) =>
      // libtorch multiplies along one axis at a time; from the last one, so that the others keep their numbers.
      axes.toSorted((a, b) => b - a)
        .reduce((product, axis) => torch.call("prod", product, axis, keep, sumCode(dtype)), handle),
    sumType,
  ),
  ArgMax: arg("argmax"),
  ArgMin: arg("argmin"),
  Cumsum: scan("cumsum"),
  Cumprod: scan("cumprod"),

  Softmax: kernel<tf.SoftmaxAttrs>(({ inputs: { logits }, attrs, backend, torch }) => {
    const x = torch.cast(backend.handle(logits), dtypes.float32);
    return backend.own(
      torch.call("softmax", x, fromFront(attrs.dim, logits.shape.length), false),
      logits.shape,
      "float32",
    );
  }),

  LogSoftmax: kernel<tf.LogSoftmaxAttrs>(({ inputs: { logits }, attrs, backend, torch }) => {
    const x = torch.cast(backend.handle(logits), dtypes.float32);
    const result = torch.call("logSoftmax", x, fromFront(attrs.axis, logits.shape.length), false);
    return backend.own(result, logits.shape, "float32");
  }),

  /** The k largest along the last axis, in falling order; of equal ones in the result the lower index comes first. */
  TopK: kernel<tf.TopKAttrs>(({ inputs: { x }, attrs: { k }, backend, torch }) => {
    const axis = x.shape.length - 1;
    if (!(k >= 0 && k <= x.shape[axis])) {
      throw new RangeError(`Cannot take the top k: k must be 0 to ${x.shape[axis]}, current value is ${k}`);
    }
    const [, unordered] = torch.callAll("topk", backend.handle(x), k, axis, true, false);
    const [indices] = torch.callAll("sort", unordered, true, axis, false);
    const values = torch.call("gather", backend.handle(x), axis, indices, false);
    const [sorted, order] = torch.callAll("sort", values, true, axis, true);
    const shape = [...x.shape.slice(0, -1), k];
    return [
      backend.own(sorted, shape, x.dtype),
      backend.own(torch.call("gather", indices, axis, order, false), shape, "int32"),
    ];
  }),

  /** Where each value would be put into its sorted row. */
  SearchSorted: kernel<tf.SearchSortedAttrs>(({ inputs: { sortedSequence, values }, attrs, backend, torch }) => {
    const rows = reshape(torch, {
      handle: torch.contiguous(backend.handle(sortedSequence)),
      shape: sortedSequence.shape,
    }, sortedSequence.shape);
    const wanted = torch.contiguous(backend.handle(values));
    const places = torch.call("searchSorted", rows, wanted, true, attrs.side === "right", null, null);
    return backend.own(places, values.shape, "int32");
  }),
};
