/**
 * Options of computing states.
 *
 * @module
 */
import type { DropoutPass } from "./projection_adapter.ts";
import type { Attend, BlockObserver, ExpertObserver } from "./family.ts";

/** Options for `LanguageModel.states()`. */
export interface StatesOptions {
  /**
   * Indices of the packed positions whose states are needed; the last block then computes only these.
   *
   * @default {all}
   */
  keep?: ArrayLike<number>;
  /**
   * The layers' attention.
   *
   * @default {causal, within each row}
   */
  attend?: Attend;
  /**
   * Whether to recompute each block from its input states for the gradient, instead of keeping its activations: less
   * memory for a third more work, and the same gradient. `attend` must then depend only on its inputs.
   *
   * @default {false}
   */
  recompute?: boolean;
  /**
   * The pass of training in which adapters drop inputs.
   *
   * @default {no dropout}
   */
  pass?: DropoutPass;
  /**
   * Receives the states before and after each block; after the last one only those of `keep`.
   *
   * @default {none}
   */
  onBlock?: BlockObserver;
  /**
   * Receives how many positions each expert of a block processes.
   *
   * @default {none}
   */
  onExperts?: ExpertObserver;
}
