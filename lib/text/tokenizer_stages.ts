/**
 * The stages of `tokenizer.json` in a comparable form: defaults are written out, and settings irrelevant to encoding
 * and decoding are dropped.
 *
 * @module
 */
import { modelType } from "./pipeline/models.ts";
import type { Stage } from "./pipeline/stage.ts";

/** Stages whose settings some files omit. */
const DEFAULTS: Readonly<Record<string, Stage>> = {
  BPE: { fuse_unk: false, byte_fallback: false, ignore_merges: false },
  ByteLevel: { use_regex: true },
  FixedLength: { length: 5 },
  Metaspace: { prepend_scheme: "always", split: true },
  Punctuation: { behavior: "Isolated" },
  Unigram: { byte_fallback: false },
};

/** Settings that affect neither ids nor texts: those about offsets, and older names of others. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = {
  BPE: ["dropout"],
  ByteLevel: ["trim_offsets"],
  Metaspace: ["add_prefix_space", "str_rep"],
};

/** Settings of pre-tokenizers that decoders of the same type have too, without effect. */
const WITHOUT_EFFECT_IN_DECODERS: Readonly<Record<string, readonly string[]>> = {
  ByteLevel: ["add_prefix_space", "use_regex"],
  Metaspace: ["split"],
};

/**
 * Returns the stages of a tokenizer for comparison.
 *
 * @param specification The contents of `tokenizer.json`.
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
  // Null counts as absent, and so do an empty prefix and suffix.
  const given = Object.entries(value).filter(([, setting]) => setting !== null && setting !== "");
  const settings = Object.entries({ ...DEFAULTS[type], ...Object.fromEntries(given) });
  return Object.fromEntries(
    settings.filter(([key]) => !without.includes(key)).map(([key, setting]) => [key, comparable(setting, alsoWithout)]),
  );
}

/** The first difference of two values. */
export interface Difference {
  /** The path, as in `normalizer.normalizers[0].type`. */
  place: string;
  /** The two values there. */
  values: [unknown, unknown];
}

/**
 * Finds the first difference of two JSON values.
 *
 * @param one One value.
 * @param other The other.
 * @param place Their path.
 * @returns The difference, or undefined if the two are equal.
 */
export function firstDifference(one: unknown, other: unknown, place = ""): Difference | undefined {
  const isList = Array.isArray(one);
  if (!isObject(one) || !isObject(other) || isList !== Array.isArray(other)) {
    return (one ?? null) === (other ?? null) ? undefined : { place, values: [one, other] };
  }
  // A difference in type is reported before differences in settings, which it implies.
  for (const key of new Set(["type", ...Object.keys(one), ...Object.keys(other)])) {
    const inner = isList ? `${place}[${key}]` : place === "" ? key : `${place}.${key}`;
    const difference = firstDifference(one[key], other[key], inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isObject = (value: unknown): value is Stage => typeof value === "object" && value !== null;
