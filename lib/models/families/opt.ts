/**
 * The family OPT: learned positions that start at row 2 of their table, norms before or after the residual, and, in its
 * 350M model, embeddings whose width differs from the hidden width.
 *
 * Source: S. Zhang et al., "OPT: open pre-trained transformer language models", 2022.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type ActivationFunction, embedding, layerNorm } from "../../operations/mod.ts";
import { type Activation, activationName, activations } from "../blocks/activations.ts";
import { read } from "../config/common_fields.ts";
import { count, flag, positive, tokenIds } from "../config/config_fields.ts";
import type {
  ForwardInputs,
  ModelConfig,
  ModelFamily,
  ParameterAxis,
  ParameterRole,
  ParameterSpec,
} from "../family.ts";
import { checkFilled } from "../blocks/check_filled.ts";
import { project } from "../blocks/projection.ts";
import { type BlockInputs, throughBlock } from "../blocks/through_block.ts";

/** OPT's configuration. */
export interface OptConfig extends ModelConfig {
  /** The width of embeddings and of the head. */
  embeddingSize: number;
  activation: Activation;
  initialDeviation: number;
  normsBefore: boolean;
  finalNorm: boolean;
  biases: boolean;
  /** Whether norms have gain and bias. */
  affineNorms: boolean;
}

/** The first rows of the position table, which are unused. */
const OFFSET = 2;

/** The family's reader, for the registry. */
export const opt: ModelFamily<OptConfig> = {
  modelType: "opt",
  architecture: "OPTForCausalLM",
  fields: {
    ...read("hidden_size", "num_hidden_layers", "num_attention_heads", "ffn_dim", "word_embed_proj_dim"),
    ...read("max_position_embeddings", "activation_function", "init_std", "enable_bias", "do_layer_norm_before"),
    ...read("layer_norm_elementwise_affine", "_remove_final_layer_norm"),
  },

  readConfig(json) {
    const hiddenSize = count(json, "hidden_size", 768);
    const heads = count(json, "num_attention_heads", 12);
    if (hiddenSize % heads !== 0) {
      throw new RangeError(
        `Cannot read config.json: "num_attention_heads" must divide "hidden_size" ${hiddenSize}, ` +
          `current value is ${heads}`,
      );
    }
    const normsBefore = flag(json, "do_layer_norm_before", true);
    const vocabularySize = count(json, "vocab_size", 50_272);
    return {
      modelType: "opt",
      vocabularySize,
      contextLength: count(json, "max_position_embeddings", 2048),
      hiddenSize,
      layers: count(json, "num_hidden_layers", 12),
      endTokens: tokenIds(json, "eos_token_id", { vocabularySize }),
      tiedHead: flag(json, "tie_word_embeddings", true),
      json,
      heads,
      headSize: hiddenSize / heads,
      innerSize: count(json, "ffn_dim", 3072),
      embeddingSize: count(json, "word_embed_proj_dim", hiddenSize),
      activation: activationName(json, "activation_function", "relu"),
      initialDeviation: positive(json, "init_std", 0.02),
      normsBefore,
      finalNorm: normsBefore && !flag(json, "_remove_final_layer_norm", false),
      biases: flag(json, "enable_bias", true),
      affineNorms: flag(json, "layer_norm_elementwise_affine", true),
    };
  },

  cutConfig(config, { layers, hidden, inner, heads, vocabulary }) {
    checkFilled({ hidden, heads }, { family: "opt", headSize: config.headSize });
    return {
      ...config.json,
      num_hidden_layers: layers.length,
      hidden_size: hidden,
      word_embed_proj_dim: config.embeddingSize === config.hiddenSize ? hidden : config.embeddingSize,
      ffn_dim: inner,
      num_attention_heads: heads,
      vocab_size: vocabulary,
    };
  },

  parameters(config) {
    const { hiddenSize: width, embeddingSize, innerSize, vocabularySize, contextLength } = config;
    const start = { normal: config.initialDeviation };
    const specs = new Map<string, ParameterSpec>();
    const norm = (name: string, layer?: number) => {
      if (!config.affineNorms) return;
      const shared = { shape: [width], axes: ["hidden"] as const, layer, role: "norm" as const };
      specs.set(`${name}.weight`, { ...shared, start: "ones" });
      specs.set(`${name}.bias`, { ...shared, start: "zeros" });
    };
    const narrow = embeddingSize !== width;
    const embeddings: ParameterAxis = narrow ? "fixed" : "hidden";
    const extents = { hidden: width, inner: innerSize, heads: width, fixed: embeddingSize };
    const projection = (
      name: string,
      [from, to]: [keyof typeof extents, keyof typeof extents],
      { layer, role = "projection", bias = config.biases }: { layer?: number; role?: ParameterRole; bias?: boolean } =
        {},
    ) => {
      const shape = [extents[to], extents[from]];
      specs.set(`${name}.weight`, { shape, axes: [to, from], layer, role, start, projection: "output-first" });
      if (bias) specs.set(`${name}.bias`, { shape: [extents[to]], axes: [to], layer, role: "bias", start: "zeros" });
    };
    const table = { shape: [vocabularySize, embeddingSize], axes: ["vocabulary", embeddings] as const, start };
    specs.set("model.decoder.embed_tokens.weight", { ...table, role: "tokens" });
    const positions = { shape: [contextLength + OFFSET, width], axes: ["fixed", "hidden"] as const, start };
    specs.set("model.decoder.embed_positions.weight", { ...positions, role: "positions" });
    if (narrow) projection("model.decoder.project_in", ["fixed", "hidden"], { role: "before-blocks", bias: false });
    for (let layer = 0; layer < config.layers; layer++) {
      const block = `model.decoder.layers.${layer}`;
      const input = { layer, role: "attention-input" } as const;
      for (const part of ["q", "k", "v"]) projection(`${block}.self_attn.${part}_proj`, ["hidden", "heads"], input);
      projection(`${block}.self_attn.out_proj`, ["heads", "hidden"], { layer });
      norm(`${block}.self_attn_layer_norm`, layer);
      projection(`${block}.fc1`, ["hidden", "inner"], { layer });
      projection(`${block}.fc2`, ["inner", "hidden"], { layer });
      norm(`${block}.final_layer_norm`, layer);
    }
    if (config.finalNorm) norm("model.decoder.final_layer_norm");
    if (narrow) projection("model.decoder.project_out", ["hidden", "fixed"], { role: "behind-blocks", bias: false });
    if (!config.tiedHead) specs.set("lm_head.weight", { ...table, role: "head" });
    return specs;
  },

  parameterName: (tensorName) => /^(model|lm_head)\./.test(tensorName) ? tensorName : `model.${tensorName}`,

  embeddingName: "model.decoder.embed_tokens.weight",
  headName: "lm_head.weight",

  states(config, inputs) {
    const { ids, positions, parameter, keep } = inputs;
    const projects = config.embeddingSize !== config.hiddenSize;
    const words = embedding(parameter("model.decoder.embed_tokens.weight"), ids);
    const places = tf.tensor1d(positions.map((position) => position + OFFSET), "int32");
    let x = projects ? project(inputs, words, { name: "model.decoder.project_in" }) : words;
    x = tf.add(x, embedding(parameter("model.decoder.embed_positions.weight"), places));
    for (let layer = 0; layer < config.layers; layer++) {
      const kept = layer === config.layers - 1 ? keep : undefined;
      x = throughBlock(x, { ...inputs, layer, keep: kept }, (x, inputs) => block(config, x, inputs));
    }
    const normed = config.finalNorm ? norm(config, inputs, "model.decoder.final_layer_norm", x) : x;
    return projects ? project(inputs, normed, { name: "model.decoder.project_out" }) : normed;
  },
};

/** One block. With `keep`, only those positions continue after the attention: nothing later depends on the others. */
function block(config: OptConfig, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { heads, normsBefore, activation, biases } = config;
  const { attend, keep, layer } = inputs;
  const name = `model.decoder.layers.${layer}`;
  const projected = (part: string, x: tf.Tensor, activation?: ActivationFunction) =>
    project(inputs, x, { name: `${name}.${part}`, bias: biases, activation });
  const normed = (part: string, x: tf.Tensor) => norm(config, inputs, `${name}.${part}`, x);
  const chosen = (x: tf.Tensor) => keep ? tf.gather(x, keep) : x;

  const seen = normsBefore ? normed("self_attn_layer_norm", x) : x;
  const [query, key, value] = ["q", "k", "v"].map((part) => projected(`self_attn.${part}_proj`, seen));
  const attended = attend(layer, { query, key, value }, { heads });
  const mixed = tf.add(chosen(x), projected("self_attn.out_proj", chosen(attended)));
  const afterAttention = normsBefore ? mixed : normed("self_attn_layer_norm", mixed);

  const before = normsBefore ? normed("final_layer_norm", afterAttention) : afterAttention;
  const moved = tf.add(afterAttention, projected("fc2", projected("fc1", before, activations[activation])));
  return normsBefore ? moved : normed("final_layer_norm", moved);
}

function norm(config: OptConfig, { parameter }: ForwardInputs, name: string, x: tf.Tensor): tf.Tensor {
  const { affineNorms, hiddenSize } = config;
  const gain = affineNorms ? parameter(`${name}.weight`) : tf.ones([hiddenSize]);
  return layerNorm(x, { gain, bias: affineNorms ? parameter(`${name}.bias`) : tf.zeros([hiddenSize]) });
}
