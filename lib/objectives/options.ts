/**
 * The options of each objective.
 *
 * @module
 */
import type { DivergenceOption, None } from "../divergences/registry.ts";
import type { Order } from "./composition.ts";

/** Options of `jensen-shannon` and `gkd`. */
export interface JensenShannonObjectiveOptions {
  /**
   * The weight of the teacher in the mixture and of its divergence from it; above 0 and below 1.
   *
   * @default {0.5}
   */
  beta?: number;
}

/** Options of `skewed-forward-kl`, `skewed-reverse-kl` and `distillm`. */
export interface SkewOptions {
  /**
   * The weight, in the mixture, of the distribution that the divergence starts from; from 0 up to but not including 1.
   *
   * @default {0.1}
   */
  skew?: number;
}

/** Options of `wsd`. */
export interface WsdOptions {
  /**
   * The weight of the reverse divergence, 0 to 1.
   *
   * @default {0.5}
   */
  weight?: number;
}

/** Options of `adaptive-kl`. */
export interface AdaptiveKlOptions {
  /**
   * Up to which cumulative probability the teacher's most probable tokens are the head, 0 to 1.
   *
   * @default {0.5}
   */
  mu?: number;
}

/** Options of `alpha-beta` and `abkd`. */
export interface AlphaBetaObjectiveOptions {
  /**
   * Larger values weigh the tokens that the teacher is sure of.
   *
   * @default {0.2}
   */
  alpha?: number;
  /**
   * Larger values weigh the tokens that the student is sure of.
   *
   * @default {0.7}
   */
  beta?: number;
}

/** Options of `alphanet`. */
export interface AlphaNetOptions {
  /**
   * The α of the first divergence.
   *
   * @default {-1}
   */
  alpha?: number;
  /**
   * The α of the second divergence.
   *
   * @default {1}
   */
  beta?: number;
}

/** Options of `taid`. */
export interface TaidOptions {
  /**
   * The weight of the teacher in the interpolated logits, 0 to 1; the paper raises it from 0.4 to 1 as training goes on.
   *
   * @default {0.4}
   */
  lambda?: number;
}

/** Options of `amid`. */
export interface AmidOptions {
  /**
   * The divergence, by name, or with its parameters.
   *
   * @default {"kl"}
   */
  divergence?: DivergenceOption;
  /**
   * Its two arguments: p the teacher, q the student, r the assistant.
   *
   * @default {"pr"}
   */
  order?: Order;
  /**
   * The order of the mixture: any real number or ±Infinity.
   *
   * @default {0}
   */
  alpha?: number;
  /**
   * The weight of the teacher in the mixture, 0 to 1.
   *
   * @default {0.1}
   */
  lambda?: number;
  /**
   * Whether the gradient stops at the assistant. The order must then name the student.
   *
   * @default {false}
   */
  detachAssistant?: boolean;
}

/** The options of each objective, by its name. */
export interface ObjectiveOptions {
  /** A divergence with an α-mixture assistant. */
  "amid": AmidOptions;
  /** KL(p‖q). */
  "forward-kl": None;
  /** KL(q‖p). */
  "reverse-kl": None;
  /** The weighted Jensen–Shannon divergence. */
  "jensen-shannon": JensenShannonObjectiveOptions;
  /** KL from the teacher to a mixture. */
  "skewed-forward-kl": SkewOptions;
  /** KL from the student to a mixture. */
  "skewed-reverse-kl": SkewOptions;
  /** Half the sum of absolute differences. */
  "total-variation": None;
  /** Forward and reverse KL, weighed by where the two differ. */
  "adaptive-kl": AdaptiveKlOptions;
  /** Forward and reverse KL, weighed by entropy. */
  "balanced": None;
  /** Forward and reverse KL, weighed as given. */
  "wsd": WsdOptions;
  /** The αβ-divergence. */
  "alpha-beta": AlphaBetaObjectiveOptions;
  /** The larger of two α-divergences. */
  "alphanet": AlphaNetOptions;
  /** As `jensen-shannon`. */
  "gkd": JensenShannonObjectiveOptions;
  /** As `skewed-forward-kl`. */
  "distillm": SkewOptions;
  /** KL from a constant geometric mixture to the student. */
  "taid": TaidOptions;
  /** As `alpha-beta`. */
  "abkd": AlphaBetaObjectiveOptions;
}

/** The name of an objective. */
export type ObjectiveName = keyof ObjectiveOptions;
