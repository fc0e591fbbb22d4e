/**
 * Kernels that make tensors from numbers.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { dtypeCode } from "../dtype.ts";
import { kernel, type KernelGroup, reshape, shaped } from "../kernel.ts";
import { dtypes } from "../symbols.ts";

/** Kernels that make tensors from numbers. */
export const createKernels: KernelGroup = {
  Fill: kernel<tf.FillAttrs>(({ attrs: { shape, value, dtype }, backend, torch }) => {
    const type = dtype || tf.util.inferDtype(value);
    return backend.own(torch.full(shape, Number(value), dtypeCode(type)), shape, type);
  }),

  ZerosLike: kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.full(x.shape, 0, dtypeCode(x.dtype)), x.shape, x.dtype)
  ),

  OnesLike: kernel(({ inputs: { x }, backend, torch }) =>
    backend.own(torch.full(x.shape, 1, dtypeCode(x.dtype)), x.shape, x.dtype)
  ),

  Range: kernel<tf.RangeAttrs>(({ attrs: { start, stop, step, dtype }, backend }) => {
    const length = start === stop || (start < stop && step < 0) || (stop < start && step > 1)
      ? 0
      : Math.max(Math.ceil((stop - start) / step), 0);
    const array = dtype === "int32" ? new Int32Array(length) : new Float32Array(length);
    for (let i = 0; i < length; i++) array[i] = start + i * step;
    return backend.own(backend.upload(array, [length], dtypeCode(dtype)), [length], dtype);
  }),

  LinSpace: kernel<tf.LinSpaceAttrs>(({ attrs: { start, stop, num }, backend }) => {
    const step = (stop - start) / (num - 1);
    const values = Float32Array.from({ length: num }, (_, i) => num === 1 ? start : start + i * step);
    return backend.own(backend.upload(values, [num], dtypes.float32), [num], "float32");
  }),

  OneHot: kernel<tf.OneHotAttrs>(({ inputs: { indices }, attrs, backend, torch }) => {
    const { depth, onValue, offValue, dtype } = attrs;
    const column = reshape(torch, shaped(backend, indices), [...indices.shape, 1]);
    const places = backend.upload(Int32Array.from({ length: depth }, (_, i) => i), [depth], dtypes.int32);
    const hot = torch.call("equal", column, places);
    const values = torch.call("where", hot, torch.scalar(onValue), torch.scalar(offValue));
    return backend.own(values, [...indices.shape, depth], dtype);
  }),
};
