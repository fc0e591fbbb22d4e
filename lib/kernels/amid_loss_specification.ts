/**
 * The loss of a distillation step as data, for kernels that compute it in one pass.
 *
 * @module
 */

/** A divergence that the kernel can compute, and its parameters. */
export type KernelDivergence = { name: "kl" } | { name: "alpha-beta"; alpha: number; beta: number };

/** The parts of the loss, as data. */
export interface AmidLossSpecification {
  /** The divergence and its parameters. */
  divergence: KernelDivergence;
  /** Its arguments in order: p is the teacher, q the student, r the assistant. */
  order: string;
  /** The α-mixture that r stands for; needed where the order names it. */
  assistant?: { alpha: number; lambda: number; detach: boolean };
  /**
   * The temperature: both models' logits are divided by it for the divergence, which is then multiplied by its square.
   *
   * @default {1}
   */
  temperature?: number;
}

/** Factors on the gradients of the two losses. */
export interface AmidLossScales {
  divergenceScale: number;
  nextTokenScale: number;
}
