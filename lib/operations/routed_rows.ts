/**
 * Gathers rows for the experts that they are routed to, and back. Both directions only gather rows, and each is the
 * gradient of the other.
 *
 * Shapes: `S` positions, `k` experts of each, `P = S · k` routes, `H` width.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** The order of routes: by position, and by expert. */
export interface RouteOrder {
  /** The experts of a position, `k`. */
  perPosition: number;
  /** For each route, expert by expert, its place position by position: int32 `[P]`. */
  order: tf.Tensor1D;
  /** For each route, position by position, its place expert by expert: int32 `[P]`. */
  inverse: tf.Tensor1D;
}

/**
 * Gives each expert the rows of its positions, expert by expert.
 *
 * @param x float32 `[S, H]`.
 * @returns float32 `[P, H]`.
 */
export function toExperts(x: tf.Tensor, { perPosition, order, inverse }: RouteOrder): tf.Tensor2D {
  const way = tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor2D, tf.GradSaveFunc];
    save([inverse]);
    const gradFunc = (dy: tf.Tensor, [inverse]: tf.Tensor[]) => {
      const routes = tf.gather(dy, inverse as tf.Tensor1D);
      return perPosition === 1 ? routes : tf.sum(tf.reshape(routes, [-1, perPosition, x.shape[1]]), 1);
    };
    return {
      value: tf.gather(x, perPosition === 1 ? order : tf.floorDiv(order, tf.scalar(perPosition, "int32"))),
      gradFunc,
    };
  });
  return way(x) as tf.Tensor2D;
}

/**
 * Puts the experts' results back to the positions that they are for.
 *
 * @param results float32 `[P, H]`, expert by expert.
 * @returns float32 `[S, k, H]`.
 */
export function fromExperts(results: tf.Tensor, { perPosition, order, inverse }: RouteOrder): tf.Tensor3D {
  const way = tf.customGrad((...args) => {
    const [results, save] = args as [tf.Tensor2D, tf.GradSaveFunc];
    save([order]);
    const gradFunc = (dy: tf.Tensor, [order]: tf.Tensor[]) => tf.gather(dy, order as tf.Tensor1D);
    return { value: tf.gather(results, inverse), gradFunc };
  });
  return tf.reshape(way(results), [-1, perPosition, results.shape[1]!]) as tf.Tensor3D;
}
