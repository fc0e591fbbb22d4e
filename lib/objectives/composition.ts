/**
 * Divergence × order × assistant: what every objective is made of.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type AlphaMixtureOptions, type Assistant, mix } from "../assistants/alpha_mixture.ts";
import { scoped } from "../divergences/closed_form.ts";
import type { Distribution } from "../divergences/distribution.ts";
import type { Divergence } from "../divergences/divergence.ts";
import { logitsGradient } from "../operations/logits_gradient.ts";

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
  divergence: Divergence;
  order: Order;
  /** The mixture r. Needed where the order names it; elsewhere only told to those who ask. */
  assistant?: AssistantOptions;
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
  teacher: Distribution;
  student: Distribution;
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
