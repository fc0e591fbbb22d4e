/**
 * The rotary embedding of a GGUF file as the fields of a config.json.
 *
 * @module
 */
import type { ModelMetadata } from "./model_metadata.ts";

/** Fields of a config.json. */
export type Fields = Record<string, unknown>;

/** Llama 3's original context, and the numbers of rotations within it that bound the interpolated range. */
const LLAMA3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

/**
 * Reads the base of the frequencies, and how they are scaled.
 *
 * @param metadata The model's.
 * @param headSize The width of a head.
 * @throws {TypeError | RangeError} If a key is invalid or unsupported.
 */
export function rotaryFields(metadata: ModelMetadata, headSize: number): Fields {
  const theta = metadata.positive("rope.freq_base") ?? 10_000;
  const turned = metadata.countWithin("rope.dimension_count", headSize, headSize);
  return {
    rope_theta: theta,
    ...turned === headSize ? {} : { partial_rotary_factor: shareOf(turned, headSize) },
    ...scalingFields(metadata, { theta, turned }),
  };
}

/** The share of which a head's width, cut to a whole number, is what turns. */
function shareOf(turned: number, headSize: number): number {
  const share = turned / headSize;
  return Math.trunc(headSize * share) === turned ? share : share * (1 + Number.EPSILON);
}

function scalingFields(metadata: ModelMetadata, { theta, turned }: { theta: number; turned: number }): Fields {
  const type = metadata.word("rope.scaling.type", ["none", "linear", "yarn", "longrope"]) ?? "none";
  const factor = metadata.positive("rope.scaling.factor") ?? metadata.positive("rope.scale_linear") ?? 1;
  const original = metadata.positive("rope.scaling.original_context_length");
  const attention = metadata.positive("rope.scaling.attn_factor");
  const [long, short] = ["rope_factors_long.weight", "rope_factors_short.weight"].map((name) => metadata.factors(name));
  const llama3 = metadata.factors("rope_freqs.weight");
  if (long !== undefined && short !== undefined) {
    return {
      original_max_position_embeddings: original ?? metadata.count("context_length"),
      rope_scaling: {
        rope_type: "longrope",
        long_factor: [...long],
        short_factor: [...short],
        ...attention === undefined ? {} : { attention_factor: attention },
      },
    };
  }
  if (llama3 !== undefined) return { rope_scaling: llama3Scaling(metadata, llama3, { theta, turned }) };
  if (type === "none" || (type === "linear" && factor === 1)) return {};
  if (type === "longrope") throw metadata.wrong("rope.scaling.type", "have the tensors of its factors", type);
  const scaling: Fields = { rope_type: type, factor };
  if (original !== undefined && type === "yarn") scaling.original_max_position_embeddings = original;
  if (attention !== undefined) scaling.attention_factor = attention;
  return { rope_scaling: scaling };
}

/** The file holds each frequency's divisor; config.json, the parameters they are computed from. */
function llama3Scaling(
  metadata: ModelMetadata,
  factors: Float32Array,
  { theta, turned }: { theta: number; turned: number },
): Fields {
  const factor = factors.reduce((most, one) => Math.max(most, one), 1);
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: context } = LLAMA3;
  const expected = (pair: number) => {
    const turns = context * theta ** (-2 * pair / turned) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return 1 / ((1 - kept) / factor + kept);
  };
  const strange = factors.findIndex((one, pair) => Math.abs(one - expected(pair)) > 1e-3 * expected(pair));
  if (factors.length !== turned / 2 || strange >= 0) {
    throw new RangeError(
      `Cannot load ${metadata.header.path}: "rope_freqs.weight" must be the ${
        turned / 2
      } factors of Llama 3's scaling by ` +
        `${factor}, current value is ${factors[strange] ?? `${factors.length} numbers`}`,
    );
  }
  return { rope_type: "llama3", factor, ...LLAMA3 };
}
