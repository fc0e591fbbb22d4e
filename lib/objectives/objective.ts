/**
 * What an objective is: a loss per token, from the two models' logits.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import type { AmidLossSpecification } from "../operations/amid_loss.ts";
import type { ObjectiveRecipe } from "./recipe.ts";

/** The two models' logits for the same positions, float32 `[..., V]`, unnormalised. */
export interface LogitPair {
  /** The logits that are differentiated. */
  student: tf.Tensor;
  /** The constant ones. */
  teacher: tf.Tensor;
}

/** Values per token and their derivative, from one pass. */
export interface ValueAndGradient {
  /** The objective, float32 `[...]`, in nats. */
  values: tf.Tensor;
  /** `∂ values / ∂ student logits`, float32 `[..., V]`. */
  gradient: tf.Tensor;
}

/**
 * A distillation objective. Anything with `perToken` is one; `valueAndGradient` is a faster way to the same numbers
 * where a closed form is known.
 */
export interface Objective {
  /** The name that reports give. */
  readonly name: string;
  /** The mixture between teacher and student that it is built on, where there is one; measures of the gap name it. */
  readonly assistant?: AlphaMixtureOptions;
  /**
   * The loss of each token, unreduced and differentiable in the student's logits. The teacher's are constant.
   *
   * @returns float32 `[...]`, in nats.
   */
  perToken(logits: LogitPair): tf.Tensor;
  /** The same values with their gradient in closed form. */
  valueAndGradient?(logits: LogitPair): ValueAndGradient;
  /** What the loss is made of, where it is a divergence that engines may know. */
  readonly specification?: AmidLossSpecification;
  /**
   * What tells it apart from other objectives, as plain data; a run that goes on must have the same. Objectives that
   * `objective()` makes have one. One of your own that depends on more than its source text shows should bring one:
   * `recipe: { name: "mine", options: { gamma } }`.
   */
  readonly recipe?: ObjectiveRecipe;
}
