/**
 * The tables of rotary angles, and the lookup of positions in them.
 *
 * Shapes: `S` positions, `R` rotated dimensions of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Rotary, RotaryFrequencies } from "./rotary.ts";

/** Cosines and sines of positions, both float32 `[S, R / 2]`. */
export interface RotaryAngles {
  cosines: tf.Tensor;
  sines: tf.Tensor;
}

/** The positions of tokens in their rows. */
export interface Places {
  /** The index of each position in its row, `[S]`. */
  positions: Int32Array;
  /** The length of each position's row, `[S]`. */
  lengths: Int32Array;
}

/**
 * Looks up the angles of a model's layers.
 *
 * @param rotaries The rotary embedding of each layer; null for layers without one.
 * @returns The angles of each embedding, computed once for all layers that share it.
 */
export function anglesOfLayers(rotaries: readonly (Rotary | null)[], places: Places): Map<Rotary | null, RotaryAngles> {
  const distinct = new Set(rotaries.filter((rotary) => rotary !== null));
  return new Map([...distinct].map((rotary) => [rotary, rotaryAngles(rotary, places)]));
}

/**
 * Looks up the cosines and sines of positions, multiplied by the magnitude.
 *
 * @returns Both, float32 `[S, R / 2]`.
 */
export function rotaryAngles(rotary: Rotary, { positions, lengths }: Places): RotaryAngles {
  const half = rotary.width / 2;
  const reach = positions.reduce((most, position) => Math.max(most, position), 0) + 1;
  const tables = new Map<number, Table>();
  const tableOf = (length: number): Table => {
    const lengthClass = rotary.lengthClass?.(length) ?? 0;
    const known = tables.get(lengthClass);
    if (known) return known;
    const table = tableFor(rotary.frequencies(lengthClass), { reach, magnitude: rotary.magnitude });
    tables.set(lengthClass, table);
    return table;
  };
  const rows = (part: "cosines" | "sines") => {
    const values = new Float32Array(positions.length * half);
    positions.forEach((position, i) => {
      values.set(tableOf(lengths[i])[part].subarray(position * half, (position + 1) * half), i * half);
    });
    return tf.tensor2d(values, [positions.length, half]);
  };
  return { cosines: rows("cosines"), sines: rows("sines") };
}

interface Table {
  length: number;
  cosines: Float32Array;
  sines: Float32Array;
}

/** The angles of the first positions, for each set of frequencies in use. */
const known = new WeakMap<RotaryFrequencies, Table>();

function tableFor(frequencies: RotaryFrequencies, { reach, magnitude }: { reach: number; magnitude: number }): Table {
  const before = known.get(frequencies);
  if (before && before.length >= reach) return before;
  const length = Math.max(reach, 2 * (before?.length ?? 128));
  const angles = new Float32Array(length * frequencies.length);
  for (let i = 0; i < angles.length; i++) {
    angles[i] = Math.floor(i / frequencies.length) * frequencies[i % frequencies.length];
  }
  const table = {
    length,
    cosines: angles.map((angle) => magnitude * Math.cos(angle)),
    sines: angles.map((angle) => magnitude * Math.sin(angle)),
  };
  known.set(frequencies, table);
  return table;
}
