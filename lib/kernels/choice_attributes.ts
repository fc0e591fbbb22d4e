/**
 * What a kernel that chooses tokens takes beside logits.
 *
 * @module
 */

/** How each row's next token is chosen; see `lib/models/generation/sampling_options.ts`. */
export interface ChoiceAttributes {
  /** At 0 the most probable token is chosen. */
  temperature: number;
  topP: number;
  topK: number;
  minP: number;
  /** A number in `[0, 1)` for each row. */
  uniforms: Float64Array<ArrayBuffer>;
  /** Logits that are divided by the penalty, or multiplied where negative: places in the flattened logits. */
  penalized: Int32Array<ArrayBuffer>;
  penalty: number;
  /** Logits that become −∞: places in the flattened logits. */
  banned: Int32Array<ArrayBuffer>;
  /** Logits to which the biases are added: places in the flattened logits. */
  biased: Int32Array<ArrayBuffer>;
  biases: Float32Array<ArrayBuffer>;
  /** Whether log-probabilities are returned too. */
  scored: boolean;
}
