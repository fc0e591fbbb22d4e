/**
 * The configuration of the shared blocks, and the reading of what the families' config.json files have in common.
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
  // How products are divided among processors; the sums are the same.
  ...inert("pretraining_tp"),
};

/** What a model of the shared blocks is like. */
export interface DecoderConfig extends ModelConfig {
  /** Heads of key and value; divides `heads`. */
  keyValueHeads: number;
  /** The function of the inner layer's gate. */
  activation: Activation;
  /** Added to the mean square. */
  normEpsilon: number;
  /** The standard deviation of weights at the start. */
  initialDeviation: number;
  /** How positions turn the heads of each layer; null where they do not. */
  rotary: readonly (Rotary | null)[];
  /** How many positions each layer's positions see; 0 is all before. */
  windows: number[];
  /** The factor on the products of query and key. */
  scale: number;
  /** Scores become `cap · tanh(score / cap)`; 0 leaves them. */
  attentionSoftCap: number;
  /** Which projections have biases. */
  biases: { queryKeyValue: boolean; output: boolean; inner: boolean };
  /**
   * Whether heads have sinks, to which a position may attend in place of others.
   *
   * @default {false}
   */
  sinks?: boolean;
  /**
   * Whether each head of query and key has a norm, whose gain all of them share; or gains of its own, for a layer norm
   * without bias; or all heads of each have one norm together.
   */
  headNorms: boolean | "own" | "together";
  /** What query, key and value are clipped to, on both sides of 0, where they are. */
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
   * Whether the inner layer reads what attention reads.
   *
   * @default {false}
   */
  parallel?: boolean;
  /** Whether norms multiply by 1 + weight. */
  normsFromZero: boolean;
  /** The factor on embeddings. */
  embeddingScale: number;
  /**
   * The factor on what attention and inner layer add.
   *
   * @default {1}
   */
  residualScale?: number;
  /**
   * The factor on the last states, and so on logits.
   *
   * @default {1}
   */
  stateScale?: number;
  /**
   * What a query at a position is multiplied by.
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
  /** What experts are like, where layers have some in place of their inner layer. */
  experts?: ExpertsConfig;
  /** For each layer, whether it has experts. */
  routed: boolean[];
}

/** What rotary embeddings are read for. */
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
  /** Absent where it is that of the heads. */
  keyValueHeads?: number;
  /** Absent where it is the hidden width over the heads. */
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
   * @default {the same for all, with nothing of the family's own}
   */
  rotary?: (sizes: RotarySizes) => (Rotary | null)[];
}

/**
 * Reads what all families have, without biases, windows, caps and norms of heads.
 *
 * @throws {RangeError | TypeError} If a field is invalid or asks for what is not supported; the message names it.
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
      `Cannot read config.json: "num_attention_heads" must divide "hidden_size" ${hiddenSize} where there is no ` +
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
