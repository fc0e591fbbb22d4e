/**
 * Kernels whose result has a shape that depends on the values: worked out in TypeScript from a copy of the values.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { dtypeCode } from "../dtype.ts";
import { kernel, type KernelGroup } from "../kernel.ts";
import { dtypes } from "../symbols.ts";

/** Kernels worked out in TypeScript. */
export const hostKernels: KernelGroup = {
  /** The different slices along an axis, in the order in which they first occur, and which of them each slice is. */
  Unique: kernel<tf.UniqueAttrs>(({ inputs: { x }, attrs, backend }) => {
    const axis = tf.util.parseAxisParam(attrs.axis ?? 0, x.shape)[0];
    const values = backend.readSync(x.dataId) as Float32Array | Int32Array | Uint8Array;
    const outer = tf.util.sizeFromShape(x.shape.slice(0, axis));
    const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1));
    const length = x.shape[axis];
    const slice = (at: number): number[] =>
      Array.from({ length: outer * inner }, (_, i) => {
        const before = Math.floor(i / inner);
        return values[(before * length + at) * inner + i % inner];
      });
    const numbers = new Map<string, number>();
    const first: number[] = [];
    const which = Int32Array.from({ length }, (_, at) => {
      const key = slice(at).join();
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, first.length);
      return first.push(at) - 1;
    });
    const shape = x.shape.with(axis, first.length);
    const result = new (values.constructor as { new (length: number): typeof values })(outer * first.length * inner);
    first.forEach((at, place) => {
      slice(at).forEach((value, i) => {
        result[(Math.floor(i / inner) * first.length + place) * inner + i % inner] = value;
      });
    });
    return [
      backend.own(backend.upload(result as Float32Array<ArrayBuffer>, shape, dtypeCode(x.dtype)), shape, x.dtype),
      backend.own(backend.upload(which, [length], dtypes.int32), [length], "int32"),
    ];
  }),
};
