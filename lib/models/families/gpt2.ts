/**
 * The family GPT-2: learned positions, pre-norm blocks, one key head per query head.
 *
 * Source: A. Radford et al., "Language models are unsupervised multitask learners", 2019.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type ActivationFunction, embedding, layerNorm } from "../../operations/mod.ts";
import { type Activation, activationName, activations } from "../blocks/activations.ts";
import { inert, read } from "../config/common_fields.ts";
import { count, flag, type Json, positive, tokenIds } from "../config/config_fields.ts";
import type { ForwardInputs, ModelConfig, ModelFamily, ParameterRole, ParameterSpec } from "../family.ts";
import { checkFilled } from "../blocks/check_filled.ts";
import { project } from "../blocks/projection.ts";
import { type BlockInputs, throughBlock } from "../blocks/through_block.ts";

/** GPT-2's configuration. */
export interface Gpt2Config extends ModelConfig {
  activation: Activation;
  normEpsilon: number;
  initialDeviation: number;
  scaleByHeadSize: boolean;
  scaleByLayer: boolean;
}

/** Names from other families, which take precedence over GPT-2's if a file has both, as in transformers. */
const OTHER_NAMES: Record<string, string> = {
  hidden_size: "n_embd",
  num_attention_heads: "n_head",
  num_hidden_layers: "n_layer",
  max_position_embeddings: "n_positions",
};

const withOwnNames = (json: Json): Json =>
  Object.entries(OTHER_NAMES).reduce(
    (named, [other, own]) => json[other] === undefined ? named : { ...named, [own]: json[other] },
    json,
  );

/** The family's reader, for the registry. */
export const gpt2: ModelFamily<Gpt2Config> = {
  modelType: "gpt2",
  architecture: "GPT2LMHeadModel",
  fields: {
    ...read("n_embd", "n_head", "n_layer", "n_positions", "n_inner", "activation_function", "layer_norm_epsilon"),
    ...read("initializer_range", "scale_attn_weights", "scale_attn_by_inverse_layer_idx", ...Object.keys(OTHER_NAMES)),
    // The order in which scores are scaled and rounded; irrelevant in float32.
    ...inert("reorder_and_upcast_attn"),
    ...inert("summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels"),
    ...inert("summary_first_dropout", "summary_last_dropout", "predict_special_tokens", "n_special", "n_ctx"),
  },

  readConfig(file) {
    const json = withOwnNames(file);
    const hiddenSize = count(json, "n_embd", 768);
    const heads = count(json, "n_head", 12);
    if (hiddenSize % heads !== 0) {
      throw new RangeError(
        `Cannot read config.json: "n_head" must divide "n_embd" ${hiddenSize}, current value is ${heads}`,
      );
    }
    const vocabularySize = count(json, "vocab_size", 50257);
    return {
      modelType: "gpt2",
      vocabularySize,
      contextLength: count(json, "n_positions", 1024),
      hiddenSize,
      layers: count(json, "n_layer", 12),
      endTokens: tokenIds(json, "eos_token_id", { vocabularySize }),
      heads,
      headSize: hiddenSize / heads,
      innerSize: count(json, "n_inner", 4 * hiddenSize),
      activation: activationName(json, "activation_function", "gelu_new"),
      normEpsilon: positive(json, "layer_norm_epsilon", 1e-5),
      initialDeviation: positive(json, "initializer_range", 0.02),
      tiedHead: flag(json, "tie_word_embeddings", true),
      scaleByHeadSize: flag(json, "scale_attn_weights", true),
      scaleByLayer: flag(json, "scale_attn_by_inverse_layer_idx", false),
      json: file,
    };
  },

  cutConfig(config, { layers, hidden, inner, heads, vocabulary }) {
    checkFilled({ hidden, heads }, { family: "gpt2", headSize: config.headSize });
    if (config.scaleByLayer && layers.some((layer, place) => layer !== place)) {
      throw new RangeError(
        `Cannot cut gpt2: blocks must keep their indices if "scale_attn_by_inverse_layer_idx" is set, block ` +
          `${layers.find((layer, place) => layer !== place)} would move`,
      );
    }
    const own = Object.entries(withOwnNames(config.json)).filter(([field]) => !Object.hasOwn(OTHER_NAMES, field));
    const sizes = { n_layer: layers.length, n_embd: hidden, n_inner: inner, n_head: heads, vocab_size: vocabulary };
    return { ...Object.fromEntries(own), ...sizes };
  },

  parameters(config) {
    const { hiddenSize: width, innerSize, vocabularySize, contextLength, layers } = config;
    const normal = { normal: config.initialDeviation };
    const residual = { normal: config.initialDeviation / Math.sqrt(2 * layers) };
    const specs = new Map<string, ParameterSpec>();
    const norm = (name: string, layer?: number) => {
      const shared = { shape: [width], axes: ["hidden"] as const, layer, role: "norm" as const };
      specs.set(`${name}.weight`, { ...shared, start: "ones" });
      specs.set(`${name}.bias`, { ...shared, start: "zeros" });
    };
    const joint = ["heads", "heads", "heads"] as const; // query, key and value one after another
    const extents = { hidden: width, inner: innerSize, heads: width };
    const extent = (axis: keyof typeof extents | typeof joint) => typeof axis === "string" ? extents[axis] : 3 * width;
    const projection = (
      name: string,
      axes: [keyof typeof extents, keyof typeof extents | typeof joint],
      { start, layer, role = "projection" }: { start: { normal: number }; layer: number; role?: ParameterRole },
    ) => {
      const shape = axes.map(extent);
      specs.set(`${name}.weight`, { shape, axes, layer, role, start, projection: "input-first" });
      specs.set(`${name}.bias`, { shape: [shape[1]], axes: [axes[1]], layer, role: "bias", start: "zeros" });
    };
    const table = { shape: [vocabularySize, width], axes: ["vocabulary", "hidden"] as const, start: normal };
    specs.set("transformer.wte.weight", { ...table, role: "tokens" });
    const positions = { shape: [contextLength, width], axes: ["fixed", "hidden"] as const, start: normal };
    specs.set("transformer.wpe.weight", { ...positions, role: "positions" });
    for (let layer = 0; layer < layers; layer++) {
      const block = `transformer.h.${layer}`;
      norm(`${block}.ln_1`, layer);
      projection(`${block}.attn.c_attn`, ["hidden", joint], { start: normal, layer, role: "attention-input" });
      projection(`${block}.attn.c_proj`, ["heads", "hidden"], { start: residual, layer });
      norm(`${block}.ln_2`, layer);
      projection(`${block}.mlp.c_fc`, ["hidden", "inner"], { start: normal, layer });
      projection(`${block}.mlp.c_proj`, ["inner", "hidden"], { start: residual, layer });
    }
    norm("transformer.ln_f");
    if (!config.tiedHead) specs.set("lm_head.weight", { ...table, role: "head" });
    return specs;
  },

  parameterName(tensorName) {
    const name = /^(transformer|lm_head)\./.test(tensorName) ? tensorName : `transformer.${tensorName}`;
    return /\.attn\.(masked_)?bias$/.test(name) ? null : name; // the causal mask, which old files contain as a tensor
  },

  embeddingName: "transformer.wte.weight",
  headName: "lm_head.weight",

  states(config, inputs) {
    const { ids, positions, parameter, keep } = inputs;
    const words = embedding(parameter("transformer.wte.weight"), ids);
    let x = tf.add(words, embedding(parameter("transformer.wpe.weight"), tf.tensor1d(positions, "int32")));
    for (let layer = 0; layer < config.layers; layer++) {
      const kept = layer === config.layers - 1 ? keep : undefined;
      x = throughBlock(x, { ...inputs, layer, keep: kept }, (x, inputs) => block(config, x, inputs));
    }
    return norm(config, inputs, "transformer.ln_f", x);
  },
};

/** One block. With `keep`, only those positions continue after the attention: nothing later depends on the others. */
function block(config: Gpt2Config, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { heads, headSize, scaleByHeadSize, scaleByLayer, activation } = config;
  const { attend, keep, layer } = inputs;
  const name = `transformer.h.${layer}`;
  const projected = (part: string, x: tf.Tensor, activation?: ActivationFunction) =>
    project(inputs, x, { name: `${name}.${part}`, bias: true, inputFirst: true, activation });

  const joint = projected("attn.c_attn", norm(config, inputs, `${name}.ln_1`, x));
  const [query, key, value] = tf.split(joint, 3, 1);
  const scale = (scaleByHeadSize ? 1 / Math.sqrt(headSize) : 1) / (scaleByLayer ? layer + 1 : 1);
  const attended = attend(layer, { query, key, value }, { heads, scale });

  const chosen = (x: tf.Tensor) => keep ? tf.gather(x, keep) : x;
  const afterAttention = tf.add(chosen(x), projected("attn.c_proj", chosen(attended)));
  const inner = projected("mlp.c_fc", norm(config, inputs, `${name}.ln_2`, afterAttention), activations[activation]);
  return tf.add(afterAttention, projected("mlp.c_proj", inner));
}

function norm(config: Gpt2Config, { parameter }: ForwardInputs, name: string, x: tf.Tensor): tf.Tensor {
  const parameters = { gain: parameter(`${name}.weight`), bias: parameter(`${name}.bias`) };
  return layerNorm(x, parameters, { epsilon: config.normEpsilon });
}
