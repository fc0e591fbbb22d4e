/**
 * The configuration of the shared blocks, and the fields that the families' config.json files have in common.
 *
 * @module
 */
import { type Activation, activationName } from "./activations.ts";
import { inert, read } from "../config/common_fields.ts";
import { count, flag, type Json, positive, tokenIds } from "../config/config_fields.ts";
import type { ModelConfig } from "../family.ts";
import type { FieldRules } from "../config/field_rules.ts";
import type { ExpertsConfig } from "./experts_config.ts";
import { readRotary } from "./rotary/read_rotary.ts";
import type { Rotary } from "./rotary/rotary.ts";

/** How the fields that all families of these blocks have are treated. */
export const DECODER_FIELDS: FieldRules = {
  ...read("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads"),
  ...read("head_dim", "hidden_act", "max_position_embeddings", "rms_norm_eps", "initializer_range"),
  ...read("rope_parameters", "rope_scaling", "rope_theta", "original_max_position_embeddings"),
  ...read("partial_rotary_factor"),
  attention_bias: [false],
  mlp_bias: [false],
  // How products are divided among devices; the results are the same.
  ...inert("pretraining_tp"),
};

/** The configuration of a model of the shared blocks. */
export interface DecoderConfig extends ModelConfig {
  /** Heads of key and value; divides `heads`. */
  keyValueHeads: number;
  /** The activation of the inner layer's gate. */
  activation: Activation;
  /** Added to the mean square. */
  normEpsilon: number;
  /** The standard deviation of initial weights. */
  initialDeviation: number;
  /** The rotary embedding of each layer; null for layers without one. */
  rotary: readonly (Rotary | null)[];
  /** The attention window of each layer in positions; 0 for full causal attention. */
  windows: number[];
  /** The factor on the products of query and key. */
  scale: number;
  /** Scores become `cap · tanh(score / cap)`; 0 leaves them. */
  attentionSoftCap: number;
  /** Which projections have biases. */
  biases: { queryKeyValue: boolean; output: boolean; inner: boolean };
  /**
   * Whether heads have attention sinks.
   *
   * @default {false}
   */
  sinks?: boolean;
  /**
   * Whether each head of query and key has a norm with a gain shared by all heads, or a layer norm without bias with a
   * gain per head, or all heads together have one norm.
   */
  headNorms: boolean | "own" | "together";
  /** The absolute value that query, key and value are clipped to, if any. */
  queryKeyValueLimit?: number;
  /** Norms only before attention and inner layer, before and after each, or only after each. */
  norms: "before" | "around" | "behind";
  /**
   * Whether norms are layer norms, with biases.
   *
   * @default {false}
   */
  layerNorms?: boolean;
  /**
   * Whether the inner layer reads the same input as attention (parallel blocks).
   *
   * @default {false}
   */
  parallel?: boolean;
  /** Whether norms multiply by 1 + weight. */
  normsFromZero: boolean;
  /** The factor on embeddings. */
  embeddingScale: number;
  /**
   * The factor on the outputs of attention and inner layer.
   *
   * @default {1}
   */
  residualScale?: number;
  /**
   * The factor on the last hidden states, and so on logits.
   *
   * @default {1}
   */
  hiddenScale?: number;
  /**
   * The factor on a query at a position.
   *
   * @default {1 everywhere}
   */
  queryScale?: (position: number) => number;
  /**
   * Whether query, key and value are one projection, and gate and inner layer another.
   *
   * @default {false}
   */
  fused?: boolean;
  /** The experts, if layers have some instead of an inner layer. */
  experts?: ExpertsConfig;
  /** For each layer, whether it has experts. */
  routed: boolean[];
}

/** The sizes needed to read rotary embeddings. */
export interface RotarySizes {
  headSize: number;
  contextLength: number;
  layers: number;
}

/** Default values of fields; each family has its own. */
export interface DecoderDefaults {
  modelType: string;
  vocabularySize: number;
  hiddenSize: number;
  innerSize: number;
  layers: number;
  heads: number;
  /** Absent if it equals the number of heads. */
  keyValueHeads?: number;
  /** Absent if it is the hidden width divided by the number of heads. */
  headSize?: number;
  contextLength: number;
  /**
   * The field that names the activation.
   *
   * @default {"hidden_act"}
   */
  activationField?: string;
  /** @default {"silu"} */
  activation?: Activation;
  /** @default {false} */
  tiedHead?: boolean;
  /**
   * The field that has the norms' epsilon.
   *
   * @default {"rms_norm_eps"}
   */
  normEpsilonField?: string;
  /** @default {1e-6} */
  normEpsilon?: number;
  /**
   * Reads the rotary embedding of each layer; null for layers without one.
   *
   * @default {the same for all layers, without family-specific keys}
   */
  rotary?: (sizes: RotarySizes) => (Rotary | null)[];
}

/**
 * Reads the fields that all families have, without biases, windows, caps and head norms.
 *
 * @throws {RangeError | TypeError} If a field is invalid or unsupported; the message names it.
 */
export function readDecoderConfig(json: Json, defaults: DecoderDefaults): DecoderConfig {
  const { activationField = "hidden_act", activation = "silu", tiedHead = false } = defaults;
  const hiddenSize = count(json, "hidden_size", defaults.hiddenSize);
  const heads = count(json, "num_attention_heads", defaults.heads);
  const headSize = readHeadSize(json, { hiddenSize, heads, byDefault: defaults.headSize });
  const contextLength = count(json, "max_position_embeddings", defaults.contextLength);
  const layers = count(json, "num_hidden_layers", defaults.layers);
  const vocabularySize = count(json, "vocab_size", defaults.vocabularySize);
  const sizes = { headSize, contextLength, layers };
  const rotary = defaults.rotary?.(sizes) ?? new Array(layers).fill(readRotary(json, sizes));
  return {
    modelType: defaults.modelType,
    vocabularySize,
    contextLength: Math.max(contextLength, ...rotary.map((rotary) => rotary?.contextLength ?? 0)),
    hiddenSize,
    layers,
    endTokens: tokenIds(json, "eos_token_id", { vocabularySize }),
    tiedHead: flag(json, "tie_word_embeddings", tiedHead),
    json,
    heads,
    keyValueHeads: readKeyValueHeads(json, { heads, byDefault: defaults.keyValueHeads }),
    headSize,
    innerSize: count(json, "intermediate_size", defaults.innerSize),
    activation: activationName(json, activationField, activation),
    normEpsilon: positive(json, defaults.normEpsilonField ?? "rms_norm_eps", defaults.normEpsilon ?? 1e-6),
    initialDeviation: positive(json, "initializer_range", 0.02),
    rotary,
    windows: new Array(layers).fill(0),
    scale: 1 / Math.sqrt(headSize),
    attentionSoftCap: 0,
    biases: { queryKeyValue: false, output: false, inner: false },
    headNorms: false,
    norms: "before",
    normsFromZero: false,
    embeddingScale: 1,
    routed: new Array(layers).fill(false),
  };
}

function readHeadSize(
  json: Json,
  { hiddenSize, heads, byDefault }: { hiddenSize: number; heads: number; byDefault?: number },
): number {
  if (json.head_dim == null && byDefault === undefined && hiddenSize % heads !== 0) {
    throw new RangeError(
      `Cannot read config.json: "num_attention_heads" must divide "hidden_size" ${hiddenSize} without ` +
        `"head_dim", current value is ${heads}`,
    );
  }
  return count(json, "head_dim", byDefault ?? hiddenSize / heads);
}

function readKeyValueHeads(json: Json, { heads, byDefault }: { heads: number; byDefault?: number }): number {
  const field = "num_key_value_heads";
  const keyValueHeads = json[field] === null ? heads : count(json, field, byDefault ?? heads);
  if (heads % keyValueHeads !== 0) {
    throw new RangeError(
      `Cannot read config.json: "${field}" must divide "num_attention_heads" ${heads}, current value is ${keyValueHeads}`,
    );
  }
  return keyValueHeads;
}
