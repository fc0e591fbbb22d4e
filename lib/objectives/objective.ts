/**
 * Objectives: a loss per token, from the two models' logits and from facts about the tokens.
 *
 * Shapes: `V` is the vocabulary; `[...]` any leading axes.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { AlphaMixtureOptions } from "../assistants/alpha_mixture.ts";
import type { AmidLossSpecification } from "../operations/amid_loss.ts";
import type { ObjectiveRecipe } from "./recipe_types.ts";
import type { TokenContext } from "./token_context.ts";

/**
 * The two models' logits for the same positions, float32 `[..., V]`, unnormalised; in training also what the tokens are
 * that are predicted there, and `[...]` is then `[c]`.
 */
export interface LogitPair {
  /** The logits that are differentiated. */
  student: tf.Tensor;
  /** The constant ones. */
  teacher: tf.Tensor;
  /** The reference model's, constant too, where the objective needs them. */
  reference?: tf.Tensor;
  /** The tokens to be predicted: ids, positions, their rows. Given in training. */
  tokens?: TokenContext;
  /**
   * Given where the teacher's answers are sparse: columns are then the tokens that it names, not the vocabulary's, and
   * the last one stands for all others. This is the largest of the student's logits among those, float32 `[..., 1]`.
   */
  largestOfRest?: tf.Tensor;
}

/** The logits of a loss that knows its tokens, for the signature of an objective that uses them. */
export interface TokenLogits extends LogitPair {
  /** The tokens to be predicted: ids, positions, their rows. */
  tokens: TokenContext;
}

/** What an objective needs in addition to the two models. */
export interface ObjectiveNeeds {
  /**
   * Whether it compares with a third model, the `reference` of the trainer's options.
   *
   * @default {false}
   */
  reference?: boolean;
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
  /** Its name in reports. */
  readonly name: string;
  /** The mixture between teacher and student that it is built on, where there is one; measures of the gap name it. */
  readonly assistant?: AlphaMixtureOptions;
  /**
   * What it needs in addition to the two models.
   *
   * @default {nothing}
   */
  readonly needs?: ObjectiveNeeds;
  /**
   * Whether it only compares distributions, whatever they are over. It then learns from sparse answers too, where
   * columns are not the vocabulary's tokens but those that the teacher names, and one for the rest. One that looks
   * tokens up by their ids does not.
   *
   * @default {false; true for what `objective` and `combined` make}
   */
  readonly comparesDistributions?: boolean;
  /**
   * Whether its gradient is linear in the teacher's probabilities, as that of the forward KL is. It then learns without
   * bias from a teacher whose probabilities are estimates.
   *
   * @default {false}
   */
  readonly linearInTeacher?: boolean;
  /**
   * The same objective with another mixture; schedules of α and λ ask for it at each step. Absent where there is no
   * mixture that can be set.
   *
   * @param mixture What is set; the rest stays.
   * @throws {TypeError} If a number is among it that this objective's mixture does not leave open.
   * @throws {RangeError} If a value is out of range.
   */
  withMixture?(mixture: Partial<AlphaMixtureOptions>): Objective;
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
   * What distinguishes it from other objectives, as plain data; a resumed run must have the same. Objectives that
   * `objective()` makes have one. One of your own that depends on more than its source text shows should bring one:
   * `recipe: { name: "mine", options: { gamma } }`.
   */
  readonly recipe?: ObjectiveRecipe;
}
