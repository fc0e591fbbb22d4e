/**
 * BatchMatMul by the kernels written here: the backend's own is slow for matrices that are transposed and for stacks of
 * them, as attention has, and knows neither threads nor a multiply-add.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { kernelsOf, type WasmBackend } from "./heap.ts";
import { type MatrixPlace, productJob } from "./product_job.ts";
import { replaceKernel } from "./replace_kernel.ts";

/**
 * Replaces the kernel, and registers `BiasedProduct`, see `lib/operations/linear.ts`. Stacks of which only some axes are
 * repeated stay with the backend's.
 */
export function registerMatrixProduct(): void {
  replaceKernel("BatchMatMul", (original) => (args) => {
    const { a, b } = args.inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    const { transposeA, transposeB } = args.attrs as { transposeA: boolean; transposeB: boolean };
    const [left, right] = [layoutOf(a, transposeA), layoutOf(b, transposeB)];
    const alike = left.stack.join() === right.stack.join() || left.count === 1 || right.count === 1;
    if (!alike || a.dtype !== "float32" || b.dtype !== "float32") return original(args);
    return product(args.backend as WasmBackend, { left, right });
  });
  tf.registerKernel({
    kernelName: "BiasedProduct",
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, weight, bias } = inputs as Record<string, tf.TensorInfo>;
      const { transposeWeight } = attrs as { transposeWeight: boolean };
      const [left, right] = [layoutOf(x, false), layoutOf(weight, transposeWeight)];
      return product(backend as WasmBackend, { left, right, bias });
    },
  });
}

/** The product of two matrices, or of two stacks, of which one may be a matrix that is used again and again. */
function product(
  backend: WasmBackend,
  { left, right, bias }: { left: Layout; right: Layout; bias?: tf.TensorInfo },
): tf.TensorInfo {
  if (left.columns !== right.rows) {
    throw new RangeError(
      `Cannot multiply matrices: inner dimensions must agree, current values are ${left.columns} and ${right.rows}`,
    );
  }
  const stack = tf.broadcast_util.assertAndGetBroadcastShape(left.stack, right.stack);
  const out = backend.makeOutput([...stack, left.rows, right.columns], "float32");
  // A stack of rows times one matrix is one product of all its rows.
  const joined = right.count === 1 && left.inRows ? left.count : 1;
  const size = {
    rows: left.rows * joined,
    columns: right.columns,
    depth: left.columns,
    count: tf.util.sizeFromShape(stack) / joined,
  };
  if (size.rows * size.columns * size.count === 0) return out;
  const placeOf = ({ dataId }: tf.TensorInfo) => backend.getMemoryOffset(dataId);
  const kernels = kernelsOf(backend);
  const places = {
    a: { ...left.steps, at: placeOf(left.tensor) },
    b: { ...right.steps, at: placeOf(right.tensor) },
    product: placeOf(out),
    bias: bias && placeOf(bias),
  };
  kernels.run(productJob(size, places, kernels.threads));
  return out;
}

/** The last two axes of a tensor as the product sees them, and the axes before them. */
interface Layout {
  tensor: tf.TensorInfo;
  /** Whether its rows follow one another, from one matrix of a stack to the next. */
  inRows: boolean;
  rows: number;
  columns: number;
  stack: number[];
  count: number;
  steps: Omit<MatrixPlace, "at">;
}

function layoutOf(tensor: tf.TensorInfo, transposed: boolean): Layout {
  const { shape } = tensor;
  const [rows, columns] = shape.slice(-2);
  const stack = shape.slice(0, -2);
  const count = tf.util.sizeFromShape(stack);
  const next = count === 1 ? 0 : rows * columns;
  const common = { tensor, inRows: !transposed, stack, count };
  return transposed
    ? { ...common, rows: columns, columns: rows, steps: { rowStep: 1, columnStep: columns, next } }
    : { ...common, rows, columns, steps: { rowStep: columns, columnStep: 1, next } };
}
