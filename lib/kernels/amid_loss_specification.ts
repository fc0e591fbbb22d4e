/**
 * The loss of a distillation step as data, for kernels that compute it in one pass.
 *
 * @module
 */

/** A divergence that the kernel can compute, and its parameters. */
export type KernelDivergence = { name: "kl" } | { name: "alpha-beta"; alpha: number; beta: number };

/** What the loss is made of, as data. */
export interface AmidLossSpecification {
  /** The divergence and its parameters. */
  divergence: KernelDivergence;
  /** Its arguments, first and second: p the teacher, q the student, r the assistant. */
  order: string;
  /** The α-mixture that r stands for; needed where the order names it. */
  assistant?: { alpha: number; lambda: number; detach: boolean };
  /**
   * What divides both models' logits for the divergence, which is then multiplied by its square.
   *
   * @default {1}
   */
  temperature?: number;
}

/** What the gradients of the two losses are multiplied by. */
export interface AmidLossScales {
  divergenceScale: number;
  nextTokenScale: number;
}
