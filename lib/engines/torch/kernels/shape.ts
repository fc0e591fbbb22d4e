/**
 * Kernels that rearrange: views of the same memory where possible, copies where not.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { dtypeCode } from "../dtype.ts";
import { fromFront, kernel, type KernelGroup, permute, reshape, type Shaped, shaped } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

/** A box of a tensor: where it begins, how many elements it has and how far apart they are along each axis. */
interface Box {
  begin: readonly number[];
  size: readonly number[];
  steps?: readonly number[];
}

/** The box as a view. */
function boxView(torch: Torch, { handle, shape }: Shaped, { begin, size, steps = size.map(() => 1) }: Box): Handle {
  const strides = torch.strides(handle, shape.length);
  const empty = size.includes(0);
  const offset = empty ? 0 : begin.reduce((sum, start, axis) => sum + start * strides[axis], 0);
  return torch.view(handle, size, strides.map((stride, axis) => stride * steps[axis]), offset);
}

function reshaped(backend: TorchBackend, x: tf.TensorInfo, shape: number[]): tf.TensorInfo {
  return backend.own(reshape(backend.torch, shaped(backend, x), shape), shape, x.dtype);
}

/** Kernels that rearrange. */
export const shapeKernels: KernelGroup = {
  Identity: kernel(({ inputs: { x }, backend }) => backend.share(x)),

  Cast: kernel<tf.CastAttrs>(({ inputs: { x }, attrs: { dtype }, backend, torch }) => {
    if (x.dtype === dtype) return backend.share(x);
    const handle = backend.handle(x);
    if (dtype !== "bool") return backend.own(torch.cast(handle, dtypeCode(dtype)), x.shape, dtype);
    return backend.own(torch.call("notEqual", handle, torch.scalar(0, dtypes.int32)), x.shape, "bool");
  }),

  Reshape: kernel<tf.ReshapeAttrs>(({ inputs: { x }, attrs, backend }) => {
    const size = tf.util.sizeFromShape(x.shape);
    return reshaped(backend, x, tf.util.inferFromImplicitShape(attrs.shape, size));
  }),

  ExpandDims: kernel<tf.ExpandDimsAttrs>(({ inputs: { input }, attrs: { dim }, backend }) => {
    const shape = input.shape.slice();
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return reshaped(backend, input, shape);
  }),

  Transpose: kernel<tf.TransposeAttrs>(({ inputs: { x }, attrs: { perm }, backend, torch }) =>
    backend.own(permute(torch, shaped(backend, x), perm), perm.map((axis) => x.shape[axis]), x.dtype)
  ),

  Slice: kernel<tf.SliceAttrs>(({ inputs: { x }, attrs, backend, torch }) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size);
    tf.slice_util.assertParamsValid(x, begin, size);
    const packed = backend.packed(x);
    if (packed && size.every((extent, axis) => axis === 0 || extent === x.shape[axis])) {
      const perRow = tf.util.sizeFromShape(x.shape.slice(1, -1));
      const [from, to] = [begin[0] * perRow, (begin[0] + size[0]) * perRow];
      return backend.ownPacked(packed.part({ from, to }), size);
    }
    return backend.own(boxView(torch, shaped(backend, x), { begin, size }), size, x.dtype);
  }),

  StridedSlice: kernel<tf.StridedSliceAttrs>(({ inputs: { x }, attrs, backend, torch }) => {
    const plan = tf.slice_util.sliceInfo(
      x.shape,
      attrs.begin,
      attrs.end,
      attrs.strides,
      attrs.beginMask,
      attrs.endMask,
      attrs.ellipsisMask,
      attrs.newAxisMask,
      attrs.shrinkAxisMask,
    );
    const { begin, end, strides: steps, finalShape } = plan;
    const size = tf.slice_util.computeOutShape(begin, end, steps);
    // libtorch has no negative strides: such an axis is taken forwards and turned round.
    const turned = steps.flatMap((step, axis) => step < 0 && size[axis] > 0 ? [axis] : []);
    const first = begin.map((start, axis) => steps[axis] < 0 ? start + (size[axis] - 1) * steps[axis] : start);
    let handle = boxView(torch, shaped(backend, x), { begin: first, size, steps: steps.map(Math.abs) });
    if (turned.length > 0) handle = torch.call("flip", handle, turned);
    return backend.own(reshape(torch, { handle, shape: size }, finalShape), finalShape, x.dtype);
  }),

  SplitV: kernel<tf.SplitVAttrs>(({ inputs: { x }, attrs, backend, torch }) => {
    const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0];
    let start = 0;
    return tf.backend_util.prepareSplitSize(x as tf.Tensor, attrs.numOrSizeSplits, axis).map((length) => {
      const size = x.shape.map((all, i) => i === axis ? length : all);
      const begin = x.shape.map((_, i) => i === axis ? start : 0);
      start += length;
      return backend.own(boxView(torch, shaped(backend, x), { begin, size }), size, x.dtype);
    });
  }),

  Unpack: kernel<tf.UnpackAttrs>(({ inputs: { value }, attrs, backend, torch }) => {
    const axis = fromFront(attrs.axis, value.shape.length);
    const source = backend.handle(value);
    const strides = torch.strides(source, value.shape.length);
    const shape = value.shape.toSpliced(axis, 1), steps = strides.toSpliced(axis, 1);
    return Array.from(
      { length: value.shape[axis] },
      (_, i) => backend.own(torch.view(source, shape, steps, i * strides[axis]), shape, value.dtype),
    );
  }),

  Pack: kernel<tf.PackAttrs>(({ inputs, attrs, backend, torch }) => {
    const parts = inputs as unknown as tf.TensorInfo[];
    const [{ shape, dtype }] = parts;
    const axis = attrs.axis < 0 ? attrs.axis + shape.length + 1 : attrs.axis;
    const all = torch.call("stack", parts.map((part) => backend.handle(part)), axis);
    return backend.own(all, shape.toSpliced(axis, 0, parts.length), dtype);
  }),

  Concat: kernel<tf.ConcatAttrs>(({ inputs, attrs, backend, torch }) => {
    const parts = inputs as unknown as tf.TensorInfo[];
    const axis = tf.util.parseAxisParam(attrs.axis, parts[0].shape)[0];
    tf.backend_util.assertParamsConsistent(parts.map((part) => part.shape), axis);
    const shape = tf.backend_util.computeOutShape(parts.map((part) => part.shape), axis);
    return backend.own(torch.call("cat", parts.map((part) => backend.handle(part)), axis), shape, parts[0].dtype);
  }),

  Tile: kernel<tf.TileAttrs>(({ inputs: { x }, attrs: { reps }, backend, torch }) =>
    backend.own(torch.call("tile", backend.handle(x), reps), x.shape.map((size, i) => size * reps[i]), x.dtype)
  ),

  Reverse: kernel<tf.ReverseAttrs>(({ inputs: { x }, attrs, backend, torch }) => {
    const axes = tf.util.parseAxisParam(attrs.dims, x.shape);
    return backend.own(torch.call("flip", backend.handle(x), axes), x.shape, x.dtype);
  }),

  PadV2: kernel<tf.PadV2Attrs>(({ inputs: { x }, attrs: { paddings, constantValue }, backend, torch }) => {
    const shape = x.shape.map((size, axis) => size + paddings[axis][0] + paddings[axis][1]);
    const source = backend.handle(x);
    const padded = torch.full(shape, constantValue, torch.dtype(source));
    const begin = paddings.map(([before]) => before);
    torch.copy(boxView(torch, { handle: padded, shape }, { begin, size: x.shape }), source);
    return backend.own(padded, shape, x.dtype);
  }),
};
