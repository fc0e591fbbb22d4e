/**
 * The angles of rotary position embeddings: their reading from config.json, their scaling, their tables.
 *
 * Shapes: `S` positions, `D` the width of a head.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Json, oneOf, only, positive } from "../config/config_fields.ts";

/** The angle that each pair of a head turns by from one position to the next, `[D / 2]`. */
export type RotaryFrequencies = Float32Array;

/** Kinds of scaling that stretch a model's context. */
const kinds = ["default", "linear", "llama3"] as const;

/** Keys that an object of rotary parameters may have; another may have a meaning that is not supported here. */
const keys = [
  "rope_type",
  "type",
  "rope_theta",
  "factor",
  "partial_rotary_factor",
  "low_freq_factor",
  "high_freq_factor",
  "original_max_position_embeddings",
];

/**
 * Reads the frequencies: `theta^(−2i/D)`, scaled as `rope_scaling` (or `rope_parameters`, its name since transformers 5)
 * asks for.
 *
 * @throws {RangeError | TypeError} If the kind of scaling is not default, linear or llama3, a field that it needs is
 * missing, or heads have an odd width.
 *
 * Source of llama3: "The Llama 3 herd of models", 2024, section 3.4.2, and its published code.
 */
export function readRotaryFrequencies(
  json: Json,
  { headSize, contextLength }: { headSize: number; contextLength: number },
): RotaryFrequencies {
  const parameters = rotaryParameters(json);
  const kind = oneOf(parameters, parameters.rope_type == null ? "type" : "rope_type", kinds, "default");
  only(parameters, "partial_rotary_factor", 1);
  if (headSize % 2 !== 0) {
    throw new RangeError(`Cannot read config.json: heads must be of even width, current value is ${headSize}`);
  }
  const theta = positive(parameters, "rope_theta", positive(json, "rope_theta", 10_000));
  // Rounded to float32 where other implementations are, so that far positions have the same angles.
  const frequencies = Float32Array.from(
    { length: headSize / 2 },
    (_, pair) => 1 / Math.fround(theta ** Math.fround(2 * pair / headSize)),
  );
  if (kind === "linear") {
    const factor = positive(parameters, "factor");
    return frequencies.map((frequency) => frequency / factor);
  }
  if (kind === "default") return frequencies;
  const original = json.original_max_position_embeddings ?? parameters.original_max_position_embeddings;
  return stretched(frequencies, { ...parameters, original_max_position_embeddings: original }, contextLength);
}

function rotaryParameters(json: Json): Json {
  const isEmpty = (value: unknown) => value == null || (typeof value === "object" && Object.keys(value).length === 0);
  const field = isEmpty(json.rope_scaling) ? "rope_parameters" : "rope_scaling";
  const parameters = json[field] ?? {};
  if (typeof parameters !== "object" || Array.isArray(parameters)) {
    throw new TypeError(
      `Cannot read config.json: "${field}" must be an object, current value is ${JSON.stringify(parameters)}`,
    );
  }
  const kind = (parameters as Json).rope_type ?? (parameters as Json).type ?? "default";
  const strange = Object.keys(parameters).find((key) => !keys.includes(key));
  if (strange !== undefined && kinds.includes(kind as typeof kinds[number])) {
    throw new RangeError(
      `Cannot read config.json: "${field}" must have keys of ${keys.join(", ")}, current value is ${strange}`,
    );
  }
  return parameters as Json;
}

/** Long waves are slowed down by the factor, short ones not, those between by a part of it. */
function stretched(frequencies: Float32Array, parameters: Json, contextLength: number): Float32Array {
  const factor = positive(parameters, "factor");
  const [low, high] = [positive(parameters, "low_freq_factor"), positive(parameters, "high_freq_factor")];
  if (high <= low) {
    throw new RangeError(
      `Cannot read config.json: "high_freq_factor" must be above "low_freq_factor" ${low}, current value is ${high}`,
    );
  }
  const original = positive(parameters, "original_max_position_embeddings", contextLength);
  return frequencies.map((frequency) => {
    const turns = original * frequency / (2 * Math.PI); // in the original context
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return frequency * ((1 - kept) / factor + kept);
  });
}

/** Cosines and sines of the first positions, for each set of frequencies in use. */
const tables = new WeakMap<RotaryFrequencies, { length: number; cosines: Float32Array; sines: Float32Array }>();

/**
 * Looks up the cosines and sines of positions.
 *
 * @param frequencies The model's frequencies.
 * @param positions The positions, `[S]`.
 * @returns Both, float32 `[S, D / 2]`.
 */
export function rotaryAngles(
  frequencies: RotaryFrequencies,
  positions: Int32Array,
): { cosines: tf.Tensor; sines: tf.Tensor } {
  const half = frequencies.length;
  const { cosines, sines } = tableFor(
    frequencies,
    positions.reduce((most, position) => Math.max(most, position), 0) + 1,
  );
  const rows = (table: Float32Array) => {
    const values = new Float32Array(positions.length * half);
    positions.forEach((position, i) => values.set(table.subarray(position * half, (position + 1) * half), i * half));
    return tf.tensor2d(values, [positions.length, half]);
  };
  return { cosines: rows(cosines), sines: rows(sines) };
}

function tableFor(frequencies: RotaryFrequencies, length: number) {
  const known = tables.get(frequencies);
  if (known && known.length >= length) return known;
  const longer = Math.max(length, 2 * (known?.length ?? 128));
  const angles = new Float32Array(longer * frequencies.length);
  for (let i = 0; i < angles.length; i++) {
    angles[i] = Math.floor(i / frequencies.length) * frequencies[i % frequencies.length];
  }
  const table = { length: longer, cosines: angles.map(Math.cos), sines: angles.map(Math.sin) };
  tables.set(frequencies, table);
  return table;
}
