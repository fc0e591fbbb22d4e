/**
 * Reads rotary embeddings from config.json: `rope_parameters`, as in transformers since version 5, or the older
 * `rope_scaling` and `rope_theta`.
 *
 * @module
 */
import { count, type Json, oneOf, positive } from "../../config/config_fields.ts";
import { dynamic } from "./dynamic.ts";
import { linear } from "./linear.ts";
import { llama3 } from "./llama3.ts";
import { longrope } from "./longrope.ts";
import { baseFrequencies, constantRotary, type Rotary, type RotaryScaling } from "./rotary.ts";
import { yarn } from "./yarn.ts";

/** Heads without scaling. */
const unscaled: RotaryScaling = { keys: [], read: (_, base) => constantRotary(baseFrequencies(base)) };

/** The kinds of scaling, by their names in files. */
const kinds = { default: unscaled, linear, dynamic, yarn, longrope, llama3 };

/** The name of a kind of scaling. */
export type RotaryKind = keyof typeof kinds;

/**
 * Keys that an object of rotary parameters may have; any other might have an unsupported effect. Keys of other kinds of
 * scaling have no effect.
 */
const keys = [
  ...new Set([
    "rope_type",
    "type",
    "rope_theta",
    "partial_rotary_factor",
    ...Object.values(kinds).flatMap(({ keys }) => keys),
  ]),
];

/** Options for {@linkcode readRotary}. */
export interface ReadRotaryOptions {
  /** The width of a head. */
  headSize: number;
  /** The maximum length of a row in positions. */
  contextLength: number;
  /**
   * The default base.
   *
   * @default {10_000}
   */
  theta?: number;
  /**
   * The default share of a head that is rotated; absent in families whose heads are rotated as a whole.
   */
  partial?: number;
  /**
   * The default of `original_max_position_embeddings`, in families that define one.
   *
   * @default {that of the rotary parameters, or `contextLength`}
   */
  originalContext?: number;
  /**
   * Kinds that the family has.
   *
   * @default {all}
   */
  kinds?: readonly RotaryKind[];
  /**
   * Family-specific keys, which the family reads itself.
   *
   * @default {none}
   */
  ownKeys?: readonly string[];
}

/**
 * Reads the rotary embedding shared by all layers.
 *
 * @param json config.json.
 * @throws {RangeError | TypeError} If the kind of scaling is unknown, a field that it needs is missing or invalid, a
 * key is unknown, or an odd number of dimensions would be rotated.
 */
export function readRotary(json: Json, options: ReadRotaryOptions): Rotary {
  const { field, parameters } = rotaryParameters(json);
  return rotaryOf(json, { field, parameters }, options);
}

/** Rotary parameters, and the field that has them, for messages. */
export interface NamedParameters {
  field: string;
  parameters: Json;
}

/** `rope_scaling` if it is set, otherwise `rope_parameters`. */
export function rotaryParameters(json: Json): NamedParameters {
  const isEmpty = (value: unknown) => value == null || (typeof value === "object" && Object.keys(value).length === 0);
  const field = isEmpty(json.rope_scaling) ? "rope_parameters" : "rope_scaling";
  return { field, parameters: asObject(json[field] ?? {}, field) };
}

/** Checks that a value is an object; otherwise a {@linkcode TypeError} names its field. */
export function asObject(value: unknown, field: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new TypeError(
    `Cannot read config.json: "${field}" must be an object, current value is ${JSON.stringify(value)}`,
  );
}

/**
 * Reads a rotary embedding from its parameters.
 *
 * @throws {RangeError | TypeError} As {@linkcode readRotary}.
 */
export function rotaryOf(json: Json, { field, parameters }: NamedParameters, options: ReadRotaryOptions): Rotary {
  const { contextLength, theta = 10_000, ownKeys = [] } = options;
  const known = options.kinds ?? Object.keys(kinds) as RotaryKind[];
  const kind = oneOf(parameters, parameters.rope_type == null ? "type" : "rope_type", known, "default");
  const strange = Object.keys(parameters).find((key) => !keys.includes(key) && !ownKeys.includes(key));
  if (strange !== undefined) {
    throw new RangeError(
      `Cannot read config.json: "${field}" must only have the keys ${[...keys, ...ownKeys].join(", ")}, ` +
        `current value is ${strange}`,
    );
  }
  return kinds[kind].read(parameters, {
    theta: positive(parameters, "rope_theta", positive(json, "rope_theta", theta)),
    width: readWidth(json, parameters, options),
    contextLength,
    originalContext: readOriginalContext(json, parameters, { contextLength, known: options.originalContext }),
  });
}

/** The number of rotated dimensions of a head. */
function readWidth(json: Json, parameters: Json, { headSize, partial }: ReadRotaryOptions): number {
  const share = positive(parameters, "partial_rotary_factor", positive(json, "partial_rotary_factor", partial ?? 1));
  if (share > 1 || (partial === undefined && share !== 1)) {
    throw new RangeError(
      `Cannot read config.json: ${partial === undefined ? "only 1 is supported as" : "at most 1 is possible as"} ` +
        `"partial_rotary_factor", current value is ${share}`,
    );
  }
  const width = Math.trunc(headSize * share);
  if (width % 2 !== 0 || width === 0) {
    const what = share === 1
      ? "the width of heads must be even"
      : "the rotated part of heads must have an even width above 0";
    throw new RangeError(`Cannot read config.json: ${what}, current value is ${width}`);
  }
  return width;
}

function readOriginalContext(
  json: Json,
  parameters: Json,
  { contextLength, known }: { contextLength: number; known?: number },
): number {
  const field = "original_max_position_embeddings";
  if (json[field] != null || known !== undefined) return count(json, field, known);
  return count(parameters, field, contextLength);
}
