/**
 * How states are computed.
 *
 * @module
 */
import type { DropoutPass } from "./projection_adapter.ts";
import type { Attend, BlockObserver } from "./family.ts";

/** Options for `LanguageModel.states()`. */
export interface StatesOptions {
  /**
   * Indices of the packed positions whose states are wanted; the last block then works on these alone.
   *
   * @default {all}
   */
  keep?: ArrayLike<number>;
  /**
   * How layers attend.
   *
   * @default {causally, each row to itself}
   */
  attend?: Attend;
  /**
   * Whether the gradient computes each block again, from the states before it, instead of keeping its activations: less
   * memory for a third more work, and the same gradient. What `attend` does must then depend on no tensor but its
   * inputs.
   *
   * @default {false}
   */
  recompute?: boolean;
  /**
   * The pass of training in which adapters drop inputs.
   *
   * @default {none is dropped}
   */
  pass?: DropoutPass;
  /**
   * Receives the states before and after each block; after the last one only those of `keep`.
   *
   * @default {nothing does}
   */
  onBlock?: BlockObserver;
}
