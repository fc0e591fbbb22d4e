/**
 * Divergence × order × assistant: what every objective is made of.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { checkArguments, objectWith, optional } from "../arguments/check_arguments.ts";
import { type AlphaMixtureOptions, type Assistant, checkAlphaMixture, mix } from "../assistants/alpha_mixture.ts";
import { scoped } from "../distributions/closed_form.ts";
import type { Distribution } from "../distributions/distribution.ts";
import type { Divergence } from "../divergences/divergence.ts";
import { divergence as divergenceOf, type DivergenceOption } from "../divergences/registry.ts";
import { logitsGradient } from "../distributions/logits_gradient.ts";
import type { TokenContext } from "./token_context.ts";

/** The arguments of the divergence, first and second: p the teacher, q the student, r the assistant. */
export type Order = "pr" | "qr" | "rp" | "rq" | "pq" | "qp";

/** All orders. */
export const ORDERS: readonly Order[] = ["pr", "qr", "rp", "rq", "pq", "qp"];

/** The mixture that r stands for. */
export interface AssistantOptions extends AlphaMixtureOptions {
  /** Whether r counts as constant, so that no gradient goes through it. */
  detach: boolean;
}

/** A divergence between two of teacher, student and assistant. */
export interface Composition {
  /** The divergence. */
  divergence: Divergence;
  /** Its arguments, first and second. */
  order: Order;
  /** The mixture r. Needed where the order names it; elsewhere only measures of the gap use it. */
  assistant?: AssistantOptions;
}

/** Options for {@linkcode composition}. */
export interface CompositionOptions {
  /** The divergence, by name or as an object, which may be one of your own. */
  divergence: DivergenceOption | Divergence;
  /** Its arguments in order: p is the teacher, q the student, r the assistant. */
  order: Order;
  /**
   * The mixture r; needed where the order names it. With `detach` no gradient goes through it.
   *
   * @default {none}
   */
  assistant?: AlphaMixtureOptions & Partial<AssistantOptions>;
}

/**
 * Composes a divergence, an order and an assistant; `combined` makes an objective of it.
 *
 * A divergence of your own is an object with a name and `partials(x, y)`, which gives its values and their derivatives in
 * log x and log y (see {@linkcode Divergence}). The gradient in the student's logits, through the assistant too, follows
 * from these in closed form.
 *
 * @throws {TypeError} If the divergence is not a divergence, or a number of the assistant is of the wrong kind.
 * @throws {RangeError} If the order names an assistant that is not given, nothing depends on the student, or a number is out
 * of range.
 *
 * @example The squared distance of probabilities, between teacher and assistant
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core";
 * import { combined, composition, type Divergence, useEngine } from "@amid/amid";
 *
 * await useEngine("cpu");
 * const squares: Divergence = {
 *   name: "squares",
 *   partials(x, y) {
 *     const gap = tf.sub(x.probs, y.probs);
 *     const dx = tf.mul(tf.mul(gap, 2), x.probs); // ∂D/∂log x = x ∂D/∂x
 *     return { values: tf.sum(tf.square(gap), -1), dx, dy: tf.mul(tf.mul(gap, -2), y.probs) };
 *   },
 * };
 * const part = composition({ divergence: squares, order: "pr", assistant: { alpha: 0, lambda: 0.1 } });
 * const { perToken } = combined("squares", { parts: [part] });
 * const [student, teacher] = [tf.tensor1d([1, 0]), tf.tensor1d([0, 3])];
 * console.log(tf.grad((student) => perToken({ student, teacher }))(student).dataSync());
 * ```
 */
export function composition(options: CompositionOptions): Composition {
  checkArguments("compose", { options: [options, objectWith("divergence", "order")] });
  const { divergence, order, assistant } = options;
  checkArguments("compose", { assistant: [assistant, optional(objectWith("alpha", "lambda"))] });
  if (!ORDERS.includes(order)) {
    throw new RangeError(`Cannot compose: order must be one of ${ORDERS.join(", ")}, current value is ${order}`);
  }
  const isOwn = typeof divergence === "object" && divergence !== null && "partials" in divergence;
  const composed = { divergence: isOwn ? divergence : divergenceOf(divergence), order };
  if (!assistant) {
    if (!order.includes("r")) return composed;
    throw new RangeError(`Cannot compose: the order ${order} names an assistant (r), which is not given`);
  }
  checkAlphaMixture(assistant);
  const { alpha, lambda, detach = false } = assistant;
  if (detach && !order.includes("q")) {
    throw new RangeError(
      `Cannot compose: with a detached assistant the order must name the student (q), otherwise there is no gradient; ` +
        `current value is ${order}`,
    );
  }
  return { ...composed, assistant: { alpha, lambda, detach } };
}

/** Values and their derivative in `log q`, before normalisation. */
export interface Evaluation {
  /** float32 `[...]`. */
  values: tf.Tensor;
  /** `A = ∂D/∂log q`, float32 `[..., V]`; the gradient in the student's logits is `A − q ΣA`. Absent where it is 0. */
  direction?: tf.Tensor;
}

/** Teacher and student at the same positions. */
export interface DistributionPair {
  /** The teacher's distribution. */
  teacher: Distribution;
  /** The student's distribution. */
  student: Distribution;
  /** The reference model's distribution, where the objective needs it. */
  reference?: Distribution;
  /** The tokens to be predicted; given in training. */
  tokens?: TokenContext;
}

/**
 * Evaluates a composition and the derivative along both its paths: through the student as an argument, and through the
 * assistant, where it is `(G − r ΣG) ω` with `G = ∂D/∂log r`.
 */
export function evaluate(composition: Composition, { teacher, student }: DistributionPair): Evaluation {
  const { divergence, order, assistant } = composition;
  return scoped<Evaluation>(() => {
    const mixed = order.includes("r") ? mix([teacher, student], assistant!) : undefined;
    const places: Record<string, Distribution | undefined> = { p: teacher, q: student, r: mixed?.mixture };
    const varies = (letter: string): boolean => letter === "q" || letter === "r" && !assistant!.detach;
    const [first, second] = order;
    const wanted = { x: varies(first), y: varies(second) };
    const { values, dx, dy } = divergence.partials(places[first]!, places[second]!, wanted);
    const paths: tf.Tensor[] = [];
    for (const [letter, partial] of [[first, dx], [second, dy]] as const) {
      if (!partial || !varies(letter)) continue;
      paths.push(letter === "r" ? throughAssistant(partial, mixed!) : partial);
    }
    if (paths.length === 0) return { values };
    return { values, direction: paths.length === 2 ? tf.add(paths[0], paths[1]) : paths[0] };
  });
}

function throughAssistant(partial: tf.Tensor, { mixture, weight }: Assistant): tf.Tensor {
  return tf.mul(logitsGradient(partial, mixture), weight);
}
