/**
 * The family GPT-NeoX, which includes Pythia: layer norms with biases, partially rotated heads, query, key and value of
 * each head in one projection, and attention and inner layer in parallel.
 *
 * Source: S. Black et al., "GPT-NeoX-20B: an open-source autoregressive language model", 2022.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type ActivationFunction, embedding, layerNorm, rotary as turned } from "../../operations/mod.ts";
import { type Activation, activationName, activations } from "../blocks/activations.ts";
import { checkFilled } from "../blocks/check_filled.ts";
import { inert, read } from "../config/common_fields.ts";
import { count, flag, type Json, positive, tokenIds } from "../config/config_fields.ts";
import type { ForwardInputs, ModelConfig, ModelFamily, ParameterRole, ParameterSpec } from "../family.ts";
import { project } from "../blocks/projection.ts";
import { rotaryOf, rotaryParameters } from "../blocks/rotary/read_rotary.ts";
import type { Rotary } from "../blocks/rotary/rotary.ts";
import { rotaryAngles } from "../blocks/rotary/rotary_angles.ts";
import { type BlockInputs, throughBlock } from "../blocks/through_block.ts";

/** GPT-NeoX's configuration. */
export interface GptNeoxConfig extends ModelConfig {
  activation: Activation;
  normEpsilon: number;
  initialDeviation: number;
  rotary: Rotary;
  /** Whether the inner layer reads the states before attention. */
  parallel: boolean;
  /** Whether attention's projections have biases. */
  attentionBiases: boolean;
}

/** The family's reader, for the registry. */
export const gptNeox: ModelFamily<GptNeoxConfig> = {
  modelType: "gpt_neox",
  architecture: "GPTNeoXForCausalLM",
  fields: {
    ...read("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "max_position_embeddings"),
    ...read("hidden_act", "layer_norm_eps", "initializer_range", "use_parallel_residual", "attention_bias"),
    ...read("rope_parameters", "rope_scaling", "rotary_pct", "rotary_emb_base", "original_max_position_embeddings"),
    head_dim: [], // the heads have the hidden width in total
    // The family has names of its own for these.
    ...inert("rope_theta", "partial_rotary_factor"),
  },

  readConfig(json) {
    const hiddenSize = count(json, "hidden_size", 6144);
    const heads = count(json, "num_attention_heads", 64);
    if (hiddenSize % heads !== 0) {
      throw new RangeError(
        `Cannot read config.json: "num_attention_heads" must divide "hidden_size" ${hiddenSize}, ` +
          `current value is ${heads}`,
      );
    }
    const headSize = hiddenSize / heads;
    const vocabularySize = count(json, "vocab_size", 50_432);
    const contextLength = count(json, "max_position_embeddings", 2048);
    const rotary = readRotary(json, { headSize, contextLength });
    return {
      modelType: "gpt_neox",
      vocabularySize,
      contextLength: rotary.contextLength ?? contextLength,
      hiddenSize,
      layers: count(json, "num_hidden_layers", 44),
      endTokens: tokenIds(json, "eos_token_id", { vocabularySize }),
      tiedHead: flag(json, "tie_word_embeddings", false),
      json,
      heads,
      keyValueHeads: heads,
      headSize,
      innerSize: count(json, "intermediate_size", 24_576),
      activation: activationName(json, "hidden_act", "gelu"),
      normEpsilon: positive(json, "layer_norm_eps", 1e-5),
      initialDeviation: positive(json, "initializer_range", 0.02),
      rotary,
      parallel: flag(json, "use_parallel_residual", true),
      attentionBiases: flag(json, "attention_bias", true),
    };
  },

  cutConfig(config, { layers, hidden, inner, heads, vocabulary }) {
    checkFilled({ hidden, heads }, { family: "gpt_neox", headSize: config.headSize });
    return {
      ...config.json,
      num_hidden_layers: layers.length,
      hidden_size: hidden,
      intermediate_size: inner,
      num_attention_heads: heads,
      vocab_size: vocabulary,
    };
  },

  parameters(config) {
    const { hiddenSize, innerSize, vocabularySize, attentionBiases } = config;
    const start = { normal: config.initialDeviation };
    const specs = new Map<string, ParameterSpec>();
    const norm = (name: string, layer?: number) => {
      const shared = { shape: [hiddenSize], axes: ["hidden"] as const, layer, role: "norm" as const };
      specs.set(`${name}.weight`, { ...shared, start: "ones" });
      specs.set(`${name}.bias`, { ...shared, start: "zeros" });
    };
    const extents = { hidden: hiddenSize, inner: innerSize, heads: hiddenSize };
    type Axis = keyof typeof extents;
    const projection = (
      name: string,
      [from, to]: [Axis, Axis],
      { layer, role = "projection", bias = true, times = 1 }: {
        layer: number;
        role?: ParameterRole;
        bias?: boolean;
        /** The number of values per output. */
        times?: number;
      },
    ) => {
      const outputs = times * extents[to];
      const shape = [outputs, extents[from]];
      specs.set(`${name}.weight`, { shape, axes: [to, from], layer, role, start, projection: "output-first" });
      if (bias) specs.set(`${name}.bias`, { shape: [outputs], axes: [to], layer, role: "bias", start: "zeros" });
    };
    const table = { shape: [vocabularySize, hiddenSize], axes: ["vocabulary", "hidden"] as const, start };
    specs.set("gpt_neox.embed_in.weight", { ...table, role: "tokens" });
    for (let layer = 0; layer < config.layers; layer++) {
      const block = `gpt_neox.layers.${layer}`;
      norm(`${block}.input_layernorm`, layer);
      norm(`${block}.post_attention_layernorm`, layer);
      const input = { layer, role: "attention-input", bias: attentionBiases, times: 3 } as const;
      projection(`${block}.attention.query_key_value`, ["hidden", "heads"], input);
      projection(`${block}.attention.dense`, ["heads", "hidden"], { layer, bias: attentionBiases });
      projection(`${block}.mlp.dense_h_to_4h`, ["hidden", "inner"], { layer });
      projection(`${block}.mlp.dense_4h_to_h`, ["inner", "hidden"], { layer });
    }
    norm("gpt_neox.final_layer_norm");
    if (!config.tiedHead) specs.set("lm_head.weight", { ...table, role: "head" });
    return specs;
  },

  parameterName(tensorName) {
    // Old files contain masks and frequencies, and name the head differently.
    if (/\.attention\.(bias|masked_bias|rotary_emb\.inv_freq)$/.test(tensorName)) return null;
    const name = tensorName.replace(/^embed_out\./, "lm_head.");
    return /^(gpt_neox|lm_head)\./.test(name) ? name : `gpt_neox.${name}`;
  },

  embeddingName: "gpt_neox.embed_in.weight",
  headName: "lm_head.weight",
  lengthClass: ({ rotary }, length) => String(rotary.lengthClass?.(length) ?? 0),

  states(config, inputs) {
    let x: tf.Tensor = embedding(inputs.parameter("gpt_neox.embed_in.weight"), inputs.ids);
    const angles = rotaryAngles(config.rotary, inputs);
    for (let layer = 0; layer < config.layers; layer++) {
      const keep = layer === config.layers - 1 ? inputs.keep : undefined;
      x = throughBlock(x, { ...inputs, layer, keep, angles }, (x, inputs) => block(config, x, inputs));
    }
    return norm(config, inputs, "gpt_neox.final_layer_norm", x);
  },
};

/** The rotated share of heads and the base have family-specific names. */
function readRotary(json: Json, sizes: { headSize: number; contextLength: number }): Rotary {
  const { original_max_position_embeddings } = json;
  const partial = positive(json, "rotary_pct", 0.25);
  const theta = positive(json, "rotary_emb_base", 10_000);
  return rotaryOf({ original_max_position_embeddings }, rotaryParameters(json), { ...sizes, partial, theta });
}

/** One block. With `keep`, only those positions continue after the attention: nothing later depends on the others. */
function block(config: GptNeoxConfig, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { keep, layer } = inputs;
  const name = `gpt_neox.layers.${layer}`;
  const normed = (part: string, x: tf.Tensor) => norm(config, inputs, `${name}.${part}`, x);
  const projected = (part: string, x: tf.Tensor, activation?: ActivationFunction) =>
    project(inputs, x, { name: `${name}.${part}`, bias: true, activation });
  const chosen = (x: tf.Tensor) => keep ? tf.gather(x, keep) : x;

  const before = chosen(x);
  const attended = chosen(attention(config, normed("input_layernorm", x), inputs));
  const mixed = project(inputs, attended, { name: `${name}.attention.dense`, bias: config.attentionBiases });
  const afterAttention = tf.add(before, mixed);
  const seen = normed("post_attention_layernorm", config.parallel ? before : afterAttention);
  const inner = projected("mlp.dense_h_to_4h", seen, activations[config.activation]);
  return tf.add(afterAttention, projected("mlp.dense_4h_to_h", inner));
}

/** Each head has its query, key and value one after another. */
function attention(config: GptNeoxConfig, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { heads, headSize, hiddenSize, rotary } = config;
  const name = `gpt_neox.layers.${inputs.layer}.attention.query_key_value`;
  const joint = project(inputs, x, { name, bias: config.attentionBiases });
  const [query, key, value] = tf.split(tf.reshape(joint, [-1, heads, 3, headSize]), 3, 2)
    .map((part) => tf.reshape(part, [-1, hiddenSize]));
  const placed = (x: tf.Tensor) => turned(x, { ...inputs.angles!, heads, turning: rotary.width });
  return inputs.attend(inputs.layer, { query: placed(query), key: placed(key), value }, { heads });
}

function norm(config: GptNeoxConfig, { parameter }: ForwardInputs, name: string, x: tf.Tensor): tf.Tensor {
  const parameters = { gain: parameter(`${name}.weight`), bias: parameter(`${name}.bias`) };
  return layerNorm(x, parameters, { epsilon: config.normEpsilon });
}
