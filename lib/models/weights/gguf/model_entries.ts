/**
 * A model's configuration as the metadata of a GGUF file: the inverse of `architectures.ts`.
 *
 * Source: llama.cpp, `convert_hf_to_gguf.py`.
 *
 * @module
 */
import type { GgufEntry } from "../../../files/gguf/encode_gguf.ts";
import type { DecoderConfig } from "../../blocks/decoder_config.ts";
import { rotaryParameters } from "../../blocks/rotary/read_rotary.ts";
import { baseFrequencies } from "../../blocks/rotary/rotary.ts";
import type { ModelConfig } from "../../family.ts";

/** A model's metadata under the architecture's prefix, and small tensors of rotary frequencies. */
export interface ModelEntries {
  /** The architecture's name, the prefix of its keys. */
  architecture: string;
  entries: [key: string, value: GgufEntry][];
  factors: Map<string, Float32Array<ArrayBuffer>>;
}

/** The architecture of each family, and its specific entries. */
const FAMILIES: Readonly<
  Record<string, { architecture: string; entriesOf: (config: never) => Partial<ModelEntries> }>
> = {
  gpt2: { architecture: "gpt2", entriesOf: gpt2Entries },
  llama: { architecture: "llama", entriesOf: decoderEntries },
  mistral: { architecture: "llama", entriesOf: decoderEntries },
  qwen2: { architecture: "qwen2", entriesOf: decoderEntries },
  qwen3: { architecture: "qwen3", entriesOf: decoderEntries },
  gemma2: { architecture: "gemma2", entriesOf: windowEntries },
  gemma3_text: { architecture: "gemma3", entriesOf: windowEntries },
  // llama.cpp passes over this family's window; its converter writes 0 where there is none.
  phi3: { architecture: "phi3", entriesOf: (config: DecoderConfig) => withoutWindow(decoderEntries(config)) },
};

/** The families that can be written. */
export const GGUF_FAMILIES: readonly string[] = Object.keys(FAMILIES);

const whole = (value: number): GgufEntry => ({ uint32: value });
const real = (value: number): GgufEntry => ({ float32: value });

/**
 * Makes the metadata of a model.
 *
 * @param config The model's configuration.
 * @throws {TypeError} If the family has no architecture here; the message names the supported ones.
 */
export function modelEntries(config: ModelConfig): ModelEntries {
  const family = FAMILIES[config.modelType];
  if (family === undefined) {
    throw new TypeError(
      `Cannot write GGUF: the family must be one of ${GGUF_FAMILIES.join(", ")}, current value is ${config.modelType}`,
    );
  }
  const { entries = [], factors = new Map() } = family.entriesOf(config as never);
  const shared: [string, GgufEntry][] = [
    ["vocab_size", whole(config.vocabularySize)],
    ["context_length", whole(config.contextLength)],
    ["embedding_length", whole(config.hiddenSize)],
    ["block_count", whole(config.layers)],
  ];
  return { architecture: family.architecture, entries: [...shared, ...entries], factors };
}

function gpt2Entries(
  { innerSize, heads, normEpsilon }: ModelConfig & { innerSize: number; heads: number; normEpsilon: number },
): Partial<ModelEntries> {
  return {
    entries: [
      ["feed_forward_length", whole(innerSize)],
      ["attention.head_count", whole(heads)],
      ["attention.layer_norm_epsilon", real(normEpsilon)],
    ],
  };
}

function decoderEntries(config: DecoderConfig): Partial<ModelEntries> {
  const rotary = rotaryEntries(config);
  return {
    entries: [
      ["feed_forward_length", whole(config.innerSize)],
      ["attention.head_count", whole(config.heads)],
      ["attention.head_count_kv", whole(config.keyValueHeads)],
      ["attention.key_length", whole(config.headSize)],
      ["attention.value_length", whole(config.headSize)],
      ["attention.layer_norm_rms_epsilon", real(config.normEpsilon)],
      ...rotary.entries,
    ],
    factors: rotary.factors,
  };
}

const withoutWindow = ({ entries = [], factors }: Partial<ModelEntries>): Partial<ModelEntries> => ({
  entries: [...entries, ["attention.sliding_window", whole(0)]],
  factors,
});

/** Families with alternating windows, whose scores and logits may be capped. */
function windowEntries(config: DecoderConfig & { logitSoftCap?: number }): Partial<ModelEntries> {
  const { entries = [], factors } = decoderEntries(config);
  const window = config.windows.reduce((most, one) => Math.max(most, one), 0);
  const more: [string, GgufEntry][] = [["attention.sliding_window", whole(window)]];
  if (config.attentionSoftCap > 0) more.push(["attn_logit_softcapping", real(config.attentionSoftCap)]);
  if ((config.logitSoftCap ?? 0) > 0) more.push(["final_logit_softcapping", real(config.logitSoftCap!)]);
  return { entries: [...entries, ...more], factors };
}

function rotaryEntries({ json, rotary }: DecoderConfig): Pick<ModelEntries, "entries" | "factors"> {
  const { parameters: all } = rotaryParameters(json);
  const parameters = (all.full_attention ?? all) as Record<string, unknown>;
  const first = rotary.find((one) => one !== null);
  const factors: ModelEntries["factors"] = new Map();
  if (first === undefined || first === null) return { entries: [], factors };
  const theta = Number(parameters.rope_theta ?? json.rope_theta ?? 10_000);
  const entries: [string, GgufEntry][] = [
    ["rope.freq_base", real(theta)],
    ["rope.dimension_count", whole(first.width)],
  ];
  const kind = parameters.rope_type ?? parameters.type ?? "default";
  if (kind === "llama3") {
    const scaled = first.frequencies(0);
    factors.set(
      "rope_freqs.weight",
      baseFrequencies({ theta, width: first.width }).map((one, i) => one / scaled[i]) as Float32Array<ArrayBuffer>,
    );
  } else if (first.lengthClass !== undefined && Array.isArray(parameters.long_factor)) {
    const list = (field: string) => Float32Array.from(parameters[field] as number[]);
    factors.set("rope_factors_long.weight", list("long_factor"));
    factors.set("rope_factors_short.weight", list("short_factor"));
    entries.push(["rope.scaling.type", "longrope"], ["rope.scaling.attn_factor", real(first.magnitude)]);
    const original = json.original_max_position_embeddings ?? parameters.original_max_position_embeddings;
    if (typeof original === "number") entries.push(["rope.scaling.original_context_length", whole(original)]);
  } else if (kind === "linear" || kind === "yarn") {
    entries.push(["rope.scaling.type", kind], ["rope.scaling.factor", real(Number(parameters.factor))]);
    const original = parameters.original_max_position_embeddings ?? json.original_max_position_embeddings;
    if (typeof original === "number") entries.push(["rope.scaling.original_context_length", whole(original)]);
  }
  return { entries, factors };
}
