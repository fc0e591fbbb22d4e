/**
 * BatchMatMul, by the quickest of three ways. The backend's kernel is fast for one pair of matrices that are not
 * transposed; for transposed ones and for stacks, as attention has, it is many times slower.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./heap.ts";
import { replaceKernel } from "./replace_kernel.ts";
import { type MatrixLayout, multiply } from "./small_product.ts";

/** Multiplications a pair of matrices up to which the backend's setting up costs more than the product. */
const SMALL = 2 ** 19;

/** Replaces the kernel. */
export function registerMatrixProduct(): void {
  const transposeKernel = tf.getKernel("Transpose", "wasm").kernelFunc;
  replaceKernel("BatchMatMul", (original) => ({ inputs, attrs, backend }) => {
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const product = new Product(backend as WasmBackend, { original, transposeKernel });
    const sameStacks = a.shape.slice(0, -2).join() === b.shape.slice(0, -2).join();
    const isStack = tf.util.sizeFromShape(a.shape.slice(0, -2)) > 1;
    if (!isStack || !sameStacks) return product.ofPair(a, b, { transposeA, transposeB });
    return product.ofStacks(a, b, { transposeA, transposeB });
  });
}

interface Transposed {
  transposeA: boolean;
  transposeB: boolean;
}

/** The kernels that the product is made of. */
interface Kernels {
  original: tf.KernelFunc;
  transposeKernel: tf.KernelFunc;
}

/** Products on one backend. */
class Product {
  constructor(readonly backend: WasmBackend, readonly kernels: Kernels) {}

  /** Two matrices, or stacks that broadcast, by the backend's fast path. */
  ofPair(a: tf.TensorInfo, b: tf.TensorInfo, { transposeA, transposeB }: Transposed): tf.TensorInfo {
    const [rows, inner] = a.shape.slice(-2);
    if (a.shape.length === 2 && !transposeA && transposeB && 2 * rows < inner) {
      // Few rows against a tall matrix, as in a head: (b aᵀ)ᵀ moves less than transposing b would.
      const turned = this.#transposed(a);
      const product = this.#plain(b, turned);
      const result = this.#transposed(product);
      this.#free(turned, product);
      return result;
    }
    const left = transposeA ? this.#transposed(a) : a;
    const right = transposeB ? this.#transposed(b) : b;
    const product = this.#plain(left, right);
    if (transposeA) this.#free(left);
    if (transposeB) this.#free(right);
    return product;
  }

  /** Stacks of as many matrices, a pair after the other. */
  ofStacks(a: tf.TensorInfo, b: tf.TensorInfo, { transposeA, transposeB }: Transposed): tf.TensorInfo {
    const [left, right] = [layoutOf(a, transposeA), layoutOf(b, transposeB)];
    if (left.columns !== right.rows) {
      throw new RangeError(
        `Cannot multiply matrices: inner dimensions must agree, current values are ${left.columns} and ${right.rows}`,
      );
    }
    const stack = a.shape.slice(0, -2);
    const count = tf.util.sizeFromShape(stack);
    const out = this.backend.makeOutput([...stack, left.rows, right.columns], "float32");
    const size = left.rows * right.columns;
    for (let index = 0; index < count; index++) {
      if (left.rows * left.columns * right.columns > SMALL) {
        const [x, y] = [this.#slice(a, index), this.#slice(b, index)];
        const product = this.ofPair(x, y, { transposeA, transposeB });
        this.#values(out).set(this.#values(product), index * size);
        this.#free(x, y, product);
      } else {
        const part = (tensor: tf.TensorInfo, size: number) =>
          this.#values(tensor).subarray(index * size, (index + 1) * size);
        const values = { a: part(a, left.rows * left.columns), b: part(b, right.rows * right.columns) };
        multiply({ ...values, product: part(out, size), left, right });
      }
    }
    return out;
  }

  #plain(a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
    const attrs = { transposeA: false, transposeB: false };
    return this.kernels.original({ inputs: { a, b }, attrs, backend: this.backend }) as tf.TensorInfo;
  }

  #transposed(x: tf.TensorInfo): tf.TensorInfo {
    const perm = x.shape.map((_, axis) => axis);
    perm.push(...perm.splice(-2).reverse());
    return this.kernels.transposeKernel({ inputs: { x }, attrs: { perm }, backend: this.backend }) as tf.TensorInfo;
  }

  /** A copy of one matrix of a stack. */
  #slice(stack: tf.TensorInfo, index: number): tf.TensorInfo {
    const shape = stack.shape.slice(-2);
    const size = tf.util.sizeFromShape(shape);
    const copy = this.backend.makeOutput(shape, "float32");
    this.#values(copy).set(this.#values(stack).subarray(index * size, (index + 1) * size));
    return copy;
  }

  #values(tensor: tf.TensorInfo): Float32Array {
    return this.backend.typedArrayFromHeap(tensor) as Float32Array;
  }

  #free(...tensors: tf.TensorInfo[]): void {
    for (const { dataId } of tensors) this.backend.disposeData(dataId);
  }
}

/** How the last two axes of a tensor lie in memory, as the product sees them. */
function layoutOf({ shape }: tf.TensorInfo, transposed: boolean): MatrixLayout {
  const [rows, columns] = shape.slice(-2);
  return transposed
    ? { rows: columns, columns: rows, rowStep: 1, columnStep: columns }
    : { rows, columns, rowStep: columns, columnStep: 1 };
}
