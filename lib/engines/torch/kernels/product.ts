/**
 * Products of matrices: which of libtorch's ways is taken, in which type, and what follows in the same call.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ActivationFunction } from "../../../kernels/activation_function.ts";
import { expand, reshape, type Shaped } from "../kernel.ts";
import type { Handle } from "../operators.ts";
import { type DTypeCode, dtypes } from "../symbols.ts";
import type { Torch } from "../torch.ts";

/** Two matrices, or stacks of them, and what is done to their product. */
export interface Product {
  a: Shaped;
  b: Shaped;
  /** Added to each row of the product. */
  bias?: Shaped;
  /** Applied to the sum. */
  activation?: ActivationFunction;
  /**
   * Whether the result is stored in bfloat16.
   *
   * @default {whether a factor is}
   */
  low?: boolean;
}

/** `a b (+ bias)` over the last two axes, the leading ones broadcast, and the activation of it. */
export function multiply(torch: Torch, product: Product): Shaped {
  const { activation } = product;
  const { low = [product.a, product.b].some(({ handle }) => torch.dtype(handle) === dtypes.bfloat16) } = product;
  const [a, b] = alike(torch, product.a, product.b);
  const bias = product.bias && typed(torch, product.bias, torch.dtype(a.handle));
  const { handle, shape } = multiplyAlike(torch, { a, b, bias, activation });
  const narrowed = low && torch.dtype(handle) === dtypes.float32;
  return { handle: narrowed ? torch.cast(handle, dtypes.bfloat16) : handle, shape };
}

/** The product of factors of one type, in that type. */
function multiplyAlike(torch: Torch, { a, b, bias, activation }: Omit<Product, "low">): Shaped {
  const [rows, inner] = a.shape.slice(-2), [innerB, columns] = b.shape.slice(-2);
  if (inner !== innerB) {
    throw new RangeError(
      `Cannot multiply matrices: inner sizes must be equal, current values are ${inner} and ${innerB}`,
    );
  }
  const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  const count = tf.util.sizeFromShape(batch);
  const single = tf.util.sizeFromShape(b.shape.slice(0, -2)) === 1;
  let result: Handle;
  if (single) {
    // One matrix on the right: the left ones are its rows, all in one product.
    const left = reshape(torch, a, [count * rows, inner]);
    const right = reshape(torch, b, [inner, columns]);
    const fits = bias?.shape.length === 1 && bias.shape[0] === columns;
    const sizes: MatrixSizes = { rows: count * rows, inner, columns };
    const whole = bias === undefined || fits;
    const within = { bias: fits ? bias.handle : undefined, activation: whole ? activation : undefined };
    result = matrixProduct(torch, { left, right, ...within, sizes });
    result = reshape(torch, { handle: result, shape: [count * rows, columns] }, shape);
    if (whole) return { handle: result, shape };
  } else {
    const spread = ({ handle, shape }: Shaped): Handle => {
      const to = [...batch, ...shape.slice(-2)];
      return reshape(torch, { handle: expand(torch, { handle, shape }, to), shape: to }, [count, ...shape.slice(-2)]);
    };
    result = torch.call("bmm", spread(a), spread(b));
    result = reshape(torch, { handle: result, shape: [count, rows, columns] }, shape);
  }
  return { handle: activated(torch, bias ? torch.add(result, bias.handle) : result, activation), shape };
}

/** The sizes of a product of two matrices. */
interface MatrixSizes {
  rows: number;
  inner: number;
  columns: number;
}

/** Multiplications from which on a product by oneDNN may be faster than ATen's own, its start included. */
const ONE_DNN_FROM = 2 ** 18;
/** Rows from which on it may be: with fewer the weight is read faster than it is put in order, as in generation. */
const ONE_DNN_ROWS = 32;

/** Two matrices, and what is done to their product. */
interface MatrixProduct {
  left: Handle;
  right: Handle;
  bias?: Handle;
  activation?: ActivationFunction;
  sizes: MatrixSizes;
}

/** The product of two matrices, `bias` added to each of its rows, and the activation of it. */
function matrixProduct(torch: Torch, { left, right, bias, activation, sizes }: MatrixProduct): Handle {
  const { rows, inner, columns } = sizes;
  const { device, processor } = torch.library;
  const large = rows >= ONE_DNN_ROWS && rows * inner * columns >= ONE_DNN_FROM;
  const worthIt = large && (!processor.ownProducts || bias !== undefined || activation !== undefined);
  if (worthIt && device.kind === "cpu" && torch.dtype(left) === dtypes.float32) {
    const [step, element] = torch.strides(right, 2);
    const product = torch.linear(left, torch.view(right, [columns, inner], [element, step]), { bias, activation });
    if (product !== undefined) return product;
  }
  const product = bias === undefined
    ? torch.call("mm", left, right)
    : torch.addmm(torch.empty([rows, columns], torch.dtype(left)), bias, left, right);
  return activated(torch, product, activation);
}

/** The activation of a tensor. */
function activated(torch: Torch, x: Handle, activation: ActivationFunction | undefined): Handle {
  switch (activation) {
    case undefined:
      return x;
    case "gelu":
      return torch.call("gelu", x, "none");
    case "gelu-tanh":
      return torch.call("gelu", x, "tanh");
    case "relu":
    case "silu":
      return torch.call(activation, x);
  }
}

/**
 * Rows from which on a matrix on the right is worth casting to float32, where products of that are the faster ones; and
 * the most elements of one: what is larger takes new memory from the system at each cast.
 */
const WIDENED_ROWS = 64, WIDENED_ELEMENTS = 2 ** 23;

/**
 * libtorch multiplies tensors of one type: bfloat16 where one of them is stored so, and where the processor multiplies
 * float32 faster, that.
 */
export function alike(torch: Torch, a: Shaped, b: Shaped): Shaped[] {
  const stored = [a, b].map(({ handle }) => torch.dtype(handle));
  const [lowA, lowB] = stored.map((dtype) => dtype === dtypes.bfloat16);
  if (stored[0] === stored[1] && !lowA) return [a, b];
  const rows = tf.util.sizeFromShape(a.shape.slice(0, -1)), elements = tf.util.sizeFromShape(b.shape as number[]);
  const narrow = torch.library.processor.bfloat16 ||
    (lowB && (rows < WIDENED_ROWS || elements > WIDENED_ELEMENTS));
  const dtype = (lowA || lowB) && narrow ? dtypes.bfloat16 : dtypes.float32;
  return [a, b].map((factor) => typed(torch, factor, dtype));
}

const typed = (torch: Torch, { handle, shape }: Shaped, dtype: DTypeCode): Shaped => ({
  handle: torch.cast(handle, dtype),
  shape,
});
