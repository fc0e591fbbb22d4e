/**
 * The stages of `tokenizer.json` in a form that can be compared: what a setting is by default is written out, and what has
 * no part in encoding or decoding is left out.
 *
 * @module
 */
import { modelType } from "./pipeline/models.ts";
import type { Stage } from "./pipeline/stage.ts";

/** Stages whose settings some files leave to their defaults. */
const DEFAULTS: Readonly<Record<string, Stage>> = {
  BPE: { fuse_unk: false, byte_fallback: false, ignore_merges: false },
  ByteLevel: { use_regex: true },
  FixedLength: { length: 5 },
  Metaspace: { prepend_scheme: "always", split: true },
  Punctuation: { behavior: "Isolated" },
  Unigram: { byte_fallback: false },
};

/** Settings that change neither ids nor texts: of where tokens are in a text, and older names of others. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  BPE: ["dropout"],
  ByteLevel: ["trim_offsets"],
  Metaspace: ["add_prefix_space", "str_rep"],
};

/** Settings of pre-tokenizers that decoders of the same type have too, to no effect. */
const WITHOUT_EFFECT_IN_DECODERS: Readonly<Record<string, readonly string[]>> = {
  ByteLevel: ["add_prefix_space", "use_regex"],
  Metaspace: ["split"],
};

/**
 * Gives the stages of a tokenizer for comparison.
 *
 * @param specification What `tokenizer.json` holds.
 * @returns Its `normalizer`, `pre_tokenizer` and `decoder`, and `model` without vocabulary and merges.
 */
export function comparableStages(specification: Stage): Stage {
  const { normalizer, pre_tokenizer, decoder, model } = specification;
  const { vocab: _vocab, merges: _merges, ...settings } = model as Stage;
  return {
    normalizer: comparable(normalizer),
    pre_tokenizer: comparable(pre_tokenizer),
    model: comparable({ ...settings, type: modelType(model as Stage) }),
    decoder: comparable(decoder, WITHOUT_EFFECT_IN_DECODERS),
  };
}

function comparable(value: unknown, alsoWithout: Readonly<Record<string, readonly string[]>> = {}): unknown {
  if (Array.isArray(value)) return value.map((part) => comparable(part, alsoWithout));
  if (typeof value !== "object" || value === null) return value;
  const type = String((value as Stage).type);
  const without = [...WITHOUT_EFFECT[type] ?? [], ...alsoWithout[type] ?? []];
  // A setting of null is as one that is absent, and so are a prefix and a suffix of nothing.
  const given = Object.entries(value).filter(([, setting]) => setting !== null && setting !== "");
  const settings = Object.entries({ ...DEFAULTS[type], ...Object.fromEntries(given) });
  return Object.fromEntries(
    settings.filter(([key]) => !without.includes(key)).map(([key, setting]) => [key, comparable(setting, alsoWithout)]),
  );
}

/** Where two values differ first, and what is there in each. */
export interface Difference {
  /** The place, as `normalizer.normalizers[0].type`. */
  place: string;
  /** What the two have there. */
  values: [unknown, unknown];
}

/**
 * Finds the first difference of two values of JSON.
 *
 * @param one The one.
 * @param other The other.
 * @param place Where they are.
 * @returns The difference, or undefined if the two are equal.
 */
export function firstDifference(one: unknown, other: unknown, place = ""): Difference | undefined {
  const isList = Array.isArray(one);
  if (!isObject(one) || !isObject(other) || isList !== Array.isArray(other)) {
    return (one ?? null) === (other ?? null) ? undefined : { place, values: [one, other] };
  }
  // What differs in type differs in its settings too, which would say less.
  for (const key of new Set(["type", ...Object.keys(one), ...Object.keys(other)])) {
    const inner = isList ? `${place}[${key}]` : place === "" ? key : `${place}.${key}`;
    const difference = firstDifference(one[key], other[key], inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isObject = (value: unknown): value is Stage => typeof value === "object" && value !== null;
