/**
 * Kernels of matrix products.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TorchBackend } from "../backend.ts";
import { kernel, type KernelGroup, type Shaped } from "../kernel.ts";
import { dtypes } from "../symbols.ts";
import { activate } from "./activation.ts";
import { packedProduct } from "./packed.ts";
import { alike, multiply } from "./product.ts";
import { readyProduct } from "./ready_weight.ts";

/** The input with its last two axes exchanged where the product takes it transposed: a view. */
export function oriented(backend: TorchBackend, input: tf.TensorInfo, transposed: boolean): Shaped {
  const { torch } = backend;
  const handle = backend.operand(input);
  if (!transposed) return { handle, shape: input.shape };
  const swap = (axes: readonly number[]) => [...axes.slice(0, -2), axes[axes.length - 1], axes[axes.length - 2]];
  const shape = swap(input.shape);
  return { handle: torch.view(handle, shape, swap(torch.strides(handle, input.shape.length))), shape };
}

/** Whether a product is stored in bfloat16: in that precision it is, else where a factor is. */
export function lowResult({ precision }: TorchBackend): true | undefined {
  return precision === "bfloat16" || undefined;
}

/** The bias of a product, in the product's type. */
export function biasOf(backend: TorchBackend, bias: tf.TensorInfo | undefined): Shaped | undefined {
  return bias && { handle: backend.operand(bias), shape: bias.shape };
}

/** Kernels of matrix products. */
export const matmulKernels: KernelGroup = {
  BatchMatMul: kernel<tf.BatchMatMulAttrs>(({ inputs, attrs, backend, torch }) => {
    const a = oriented(backend, inputs.a, attrs.transposeA);
    const large = attrs.transposeB ? packedProduct(backend, { a, weight: inputs.b }) : undefined;
    const done = large ?? readyProduct(backend, { x: a, weight: inputs.b, inputFirst: !attrs.transposeB });
    if (done) return backend.own(done.handle, done.shape, "float32");
    const b = oriented(backend, inputs.b, attrs.transposeB);
    // A sum over positions is a gradient that the optimizer reads in float32: where it is made in that, it stays so.
    const stays = attrs.transposeA && !backend.lowProducts;
    const { handle, shape } = multiply(torch, { a, b, low: stays ? false : lowResult(backend) });
    return backend.own(handle, shape, tf.backend_util.upcastType(inputs.a.dtype, inputs.b.dtype));
  }),

  _FusedMatMul: kernel<tf._FusedMatMulAttrs>(({ inputs, attrs, backend, torch }) => {
    const { preluActivationWeights: slopes } = inputs;
    const a = oriented(backend, inputs.a, attrs.transposeA);
    const b = oriented(backend, inputs.b, attrs.transposeB);
    const bias = biasOf(backend, inputs.bias);
    const { handle, shape } = multiply(torch, { a, b, bias, low: lowResult(backend) });
    const { activation, leakyreluAlpha } = attrs;
    const result = activate(torch, handle, {
      activation,
      leakyreluAlpha,
      slopes: slopes && backend.handle(slopes),
    });
    return backend.own(result, shape, tf.backend_util.upcastType(inputs.a.dtype, inputs.b.dtype));
  }),

  /**
   * In place where all is float32, and on the processor always: the product by itself would take as much memory again,
   * and two passes over the sum.
   */
  AddProduct: kernel(({ inputs: { sum, a, b }, backend, torch }) => {
    const into = backend.handle(sum);
    if (torch.library.device.kind === "cpu") {
      const whole = (x: tf.TensorInfo) => torch.cast(backend.handle(x), dtypes.float32);
      const [rows, columns] = a.shape;
      const total = torch.cast(into, dtypes.float32);
      torch.addmm(total, total, torch.view(whole(a), [columns, rows], [1, columns]), whole(b));
      return total === into ? backend.share(sum) : backend.own(total, sum.shape, "float32");
    }
    const [left, right] = alike(torch, oriented(backend, a, true), oriented(backend, b, false));
    if ([into, left.handle].every((handle) => torch.dtype(handle) === dtypes.float32)) {
      torch.addmm(into, into, left.handle, right.handle);
      return backend.share(sum);
    }
    const product = multiply(torch, { a: left, b: right });
    return backend.own(torch.add(torch.cast(into, dtypes.float32), product.handle), sum.shape, "float32");
  }),

  Einsum: kernel<tf.EinsumAttrs>(({ inputs, attrs: { equation }, backend, torch }) => {
    const terms = inputs as unknown as tf.TensorInfo[];
    const handles = terms.map((term) => backend.operand(term));
    // Of two kinds of floats libtorch takes neither: the wider one is for all.
    const mixed = new Set(handles.map((handle) => torch.dtype(handle))).size > 1;
    const alike = mixed ? handles.map((handle) => torch.cast(handle, dtypes.float32)) : handles;
    const result = torch.call("einsum", equation.replaceAll(/\s/g, ""), alike, null);
    return backend.own(result, torch.shape(result), terms[0].dtype);
  }),
};
