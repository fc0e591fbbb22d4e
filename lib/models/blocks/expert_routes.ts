/**
 * The experts that a position is routed to, and their weights.
 *
 * The choice is made on the host, since the number of positions per expert determines the shapes of what follows.
 *
 * Shapes: `S` positions, `E` experts, `k` of them for each position, `P = S · k` routes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { RouteOrder } from "../../operations/mod.ts";

/** The experts of positions. */
export interface ExpertRoutes extends RouteOrder {
  /** The experts of each position, the most probable first, `[P]`. */
  experts: Int32Array;
  /** The number of positions per expert, `[E]`. */
  loads: number[];
}

/**
 * Chooses the `k` experts with the largest logits; ties go to the first.
 *
 * @param logits The router's, float32 `[S, E]`.
 * @param chosen The number of experts per position, `k`.
 * @throws {RangeError} If a logit is not a number.
 */
export function chooseExperts(logits: tf.Tensor2D, chosen: number): ExpertRoutes {
  const [positions, count] = logits.shape;
  const scores = logits.dataSync();
  const experts = new Int32Array(positions * chosen);
  const loads = new Array<number>(count).fill(0);
  for (let position = 0; position < positions; position++) {
    const own = scores.subarray(position * count, (position + 1) * count);
    largest(own, chosen).forEach((expert, rank) => {
      experts[position * chosen + rank] = expert;
      loads[expert]++;
    });
  }
  const { order, inverse } = byExpert(experts, loads);
  return {
    perPosition: chosen,
    order: tf.tensor1d(order, "int32"),
    inverse: tf.tensor1d(inverse, "int32"),
    experts,
    loads,
  };
}

/** The indices of the largest scores, the largest first. */
function largest(scores: ArrayLike<number>, count: number): number[] {
  const found: number[] = [];
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index];
    if (Number.isNaN(score)) throw new RangeError(`Cannot choose experts: the logit of expert ${index} is NaN`);
    if (found.length === count && score <= scores[found[count - 1]]) continue;
    let place = found.length;
    while (place > 0 && score > scores[found[place - 1]]) place--;
    found.splice(place, 0, index);
    if (found.length > count) found.pop();
  }
  return found;
}

/** Sorts routes by expert, those of one expert by position. */
function byExpert(experts: Int32Array, loads: readonly number[]): { order: Int32Array; inverse: Int32Array } {
  const next: number[] = [];
  loads.reduce((sum, load, expert) => {
    next[expert] = sum;
    return sum + load;
  }, 0);
  const [order, inverse] = [new Int32Array(experts.length), new Int32Array(experts.length)];
  experts.forEach((expert, route) => {
    order[next[expert]] = route;
    inverse[route] = next[expert]++;
  });
  return { order, inverse };
}

/**
 * Computes the experts' weights: their probabilities over all experts, or, if `normalized`, over the chosen ones.
 *
 * @param logits The router's, float32 `[S, E]`.
 * @returns float32 `[S, k]`.
 */
export function routeWeights(
  logits: tf.Tensor2D,
  { experts, perPosition }: Pick<ExpertRoutes, "experts" | "perPosition">,
  { normalized }: { normalized: boolean },
): tf.Tensor2D {
  const [positions, count] = logits.shape;
  const pick = (x: tf.Tensor) => {
    const places = experts.map((expert, route) => Math.floor(route / perPosition) * count + expert);
    const picked = tf.gather(tf.reshape(x, [-1]), tf.tensor1d(places, "int32"));
    return tf.reshape(picked, [positions, perPosition]) as tf.Tensor2D;
  };
  return normalized ? tf.softmax(pick(logits)) : pick(tf.softmax(logits));
}
