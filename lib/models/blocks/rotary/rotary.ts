/**
 * What rotary position embeddings are to a layer: how far the pairs of a head turn from one position to the next.
 *
 * Shapes: `R` numbers of a head that turn, the first ones.
 *
 * @module
 */
import type { Json } from "../../config/config_fields.ts";

/** The angle that each pair of a head turns by from one position to the next, float32 `[R / 2]`. */
export type RotaryFrequencies = Float32Array;

/** The rotary embedding of a layer. */
export interface Rotary {
  /** How many of a head's numbers turn, `R`; it is even. */
  width: number;
  /** What cosines and sines are multiplied by. */
  magnitude: number;
  /**
   * The frequencies of rows of a class of lengths; rows of one class get the same object as long as it is in use.
   *
   * @param lengthClass The result of `lengthClass()`; 0 if there is none.
   */
  frequencies(lengthClass: number): RotaryFrequencies;
  /** The class of rows of that length, where the frequencies depend on it. */
  lengthClass?(length: number): number;
  /** How many positions a row may have, if the scaling itself limits them. */
  contextLength?: number;
}

/** A rotary embedding whose frequencies are the same for rows of all lengths. */
export function constantRotary(frequencies: RotaryFrequencies, magnitude = 1): Rotary {
  return { width: 2 * frequencies.length, magnitude, frequencies: () => frequencies };
}

/** What a kind of scaling starts from. */
export interface RotaryBase {
  /** The base of the frequencies. */
  theta: number;
  /** How many of a head's numbers turn. */
  width: number;
  /** Positions that a row may have. */
  contextLength: number;
  /** Positions that rows had before the context was stretched. */
  originalContext: number;
}

/** A kind of scaling. */
export interface RotaryScaling {
  /** Its keys in config.json, apart from those that all kinds have. */
  keys: readonly string[];
  /**
   * Reads it.
   *
   * @throws {RangeError | TypeError} If a key is missing or invalid; the message names it.
   */
  read(parameters: Json, base: RotaryBase): Rotary;
}

/**
 * The frequencies without scaling, `theta^(−2i/R)`.
 *
 * Source: J. Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021, section 3.2.2.
 */
export function baseFrequencies({ theta, width }: Pick<RotaryBase, "theta" | "width">): RotaryFrequencies {
  // Rounded to float32 where other implementations are, so that far positions have the same angles.
  return Float32Array.from({ length: width / 2 }, (_, pair) => 1 / power(theta, { pair, width }));
}

/** `theta^(2i/R)`, rounded as other implementations round it. */
export const power = (theta: number, { pair, width }: { pair: number; width: number }): number =>
  Math.fround(theta ** Math.fround(2 * pair / width));
