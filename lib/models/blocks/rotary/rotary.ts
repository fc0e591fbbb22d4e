/**
 * The rotary position embedding of a layer: the rotation of a head's pairs from one position to the next.
 *
 * Shapes: `R` rotated dimensions of a head, the first ones.
 *
 * @module
 */
import type { Json } from "../../config/config_fields.ts";

/** The angle by which each pair of a head is rotated from one position to the next, float32 `[R / 2]`. */
export type RotaryFrequencies = Float32Array;

/** The rotary embedding of a layer. */
export interface Rotary {
  /** The number of rotated dimensions of a head, `R`, an even number. */
  width: number;
  /** The factor on cosines and sines. */
  magnitude: number;
  /**
   * The frequencies of rows of a class of lengths; rows of one class share an object while it is in use.
   *
   * @param lengthClass The result of `lengthClass()`; 0 if there is none.
   */
  frequencies(lengthClass: number): RotaryFrequencies;
  /** The class of rows of that length, if the frequencies depend on it. */
  lengthClass?(length: number): number;
  /** The maximum number of positions of a row, if the scaling limits it. */
  contextLength?: number;
}

/** A rotary embedding whose frequencies are the same for rows of all lengths. */
export function constantRotary(frequencies: RotaryFrequencies, magnitude = 1): Rotary {
  return { width: 2 * frequencies.length, magnitude, frequencies: () => frequencies };
}

/** The inputs of a kind of scaling. */
export interface RotaryBase {
  /** The base of the frequencies. */
  theta: number;
  /** The number of rotated dimensions of a head. */
  width: number;
  /** The maximum length of a row in positions. */
  contextLength: number;
  /** The context before it was extended. */
  originalContext: number;
}

/** A kind of scaling. */
export interface RotaryScaling {
  /** Its specific keys in config.json. */
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
  // Rounded to float32 at the same points as other implementations, so that distant positions have the same angles.
  return Float32Array.from({ length: width / 2 }, (_, pair) => 1 / power(theta, { pair, width }));
}

/** `theta^(2i/R)`, rounded as other implementations round it. */
export const power = (theta: number, { pair, width }: { pair: number; width: number }): number =>
  Math.fround(theta ** Math.fround(2 * pair / width));
