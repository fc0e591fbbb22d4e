/** Configurations in which checkpoints of the families differ, as transformers makes them. */

import { denseCases, llama3, sizes } from "./dense_cases.ts";
import { expertCases } from "./expert_cases.ts";
import { gemmaCases } from "./gemma_cases.ts";

/** A checkpoint to be made. */
export interface CheckpointCase {
  name: string;
  config: Record<string, unknown>;
  /** @default {"float32"} */
  dtype?: "bfloat16" | "float16";
  /** The most that a file may have, as transformers writes it. */
  shard?: string;
  /** What is changed in config.json once the model is saved. */
  json?: Record<string, unknown>;
  /** Whether the model is saved without its head. */
  base?: boolean;
}

const llama = { model_type: "llama", ...sizes };
const mistral = { model_type: "mistral", ...sizes, num_key_value_heads: 2 };
const qwen2 = { model_type: "qwen2", ...sizes, num_key_value_heads: 2 };
const qwen3 = { model_type: "qwen3", ...sizes, num_key_value_heads: 2, head_dim: 10 };
const gpt2 = { model_type: "gpt2", n_embd: 24, n_layer: 2, n_head: 3, n_positions: 48 };
const { intermediate_size: ffn_dim, ...optSizes } = sizes;
const opt = { model_type: "opt", ...optSizes, ffn_dim };

/** The checkpoints. */
export const checkpointCases: CheckpointCase[] = [
  { name: "gpt2", config: gpt2 },
  { name: "gpt2 with a head of its own, in shards", config: { ...gpt2, tie_word_embeddings: false }, shard: "9KB" },
  {
    name: "gpt2 with other scales and activation",
    config: {
      ...gpt2,
      scale_attn_by_inverse_layer_idx: true,
      scale_attn_weights: false,
      activation_function: "gelu",
      n_inner: 50,
    },
  },
  { name: "gpt2 without its head", config: gpt2, base: true },
  { name: "gpt2 with its heads under another name", config: gpt2, json: { num_attention_heads: 6 } },
  { name: "opt", config: opt },
  {
    name: "opt with norms behind, embeddings of their own width",
    config: { ...opt, do_layer_norm_before: false, word_embed_proj_dim: 16 },
  },
  {
    name: "opt without biases and gains",
    config: { ...opt, enable_bias: false, layer_norm_elementwise_affine: false, activation_function: "gelu" },
  },
  {
    name: "opt with projections before norms, untied, in shards",
    config: { ...opt, word_embed_proj_dim: 32, tie_word_embeddings: false },
    shard: "9KB",
  },
  {
    name: "opt without a final norm, in float16",
    config: { ...opt, _remove_final_layer_norm: true },
    dtype: "float16",
  },
  { name: "opt without its head", config: opt, base: true },
  { name: "llama", config: llama },
  {
    name: "llama with one key for all, biases, in shards",
    config: { ...llama, num_key_value_heads: 1, attention_bias: true, mlp_bias: true },
    shard: "9KB",
  },
  {
    name: "llama with heads of another width, tied",
    config: { ...llama, head_dim: 10, num_key_value_heads: 2, tie_word_embeddings: true },
  },
  {
    name: "llama with linear scaling",
    config: { ...llama, rope_parameters: { rope_type: "linear", factor: 4, rope_theta: 500 } },
  },
  { name: "llama with the scaling of Llama 3", config: { ...llama, rope_parameters: llama3 } },
  {
    name: "llama with rows beyond a context that grows",
    config: {
      ...llama,
      max_position_embeddings: 18,
      rope_parameters: { rope_type: "dynamic", factor: 3, rope_theta: 90 },
    },
  },
  {
    name: "llama with yarn",
    config: {
      ...llama,
      rope_parameters: { rope_type: "yarn", factor: 3, rope_theta: 90, original_max_position_embeddings: 16 },
    },
  },
  {
    name: "llama with longrope, rows on both sides of its original context",
    config: {
      ...llama,
      rope_parameters: {
        rope_type: "longrope",
        rope_theta: 90,
        short_factor: [1, 1.25, 2],
        long_factor: [2, 5, 9],
        original_max_position_embeddings: 18,
      },
    },
  },
  {
    name: "llama with another activation and epsilon",
    config: {
      ...llama,
      hidden_act: "gelu_pytorch_tanh",
      rms_norm_eps: 0.01,
      rope_parameters: { rope_type: "default", rope_theta: 100 },
    },
  },
  {
    name: "llama in bfloat16, tied, without its head",
    config: { ...llama, tie_word_embeddings: true },
    dtype: "bfloat16",
    base: true,
  },
  { name: "mistral with a window", config: { ...mistral, sliding_window: 5 } },
  {
    name: "mistral without a window, heads of another width",
    config: { ...mistral, sliding_window: null, head_dim: 8, num_attention_heads: 6, num_key_value_heads: 3 },
  },
  {
    name: "mistral with a window longer than rows, in bfloat16",
    config: { ...mistral, sliding_window: 4096 },
    dtype: "bfloat16",
  },
  {
    name: "mistral with types of layers",
    config: { ...mistral, sliding_window: 3 },
    json: { layer_types: ["sliding_attention", "full_attention", "sliding_attention"] },
  },
  {
    name: "ministral",
    config: {
      ...mistral,
      model_type: "ministral",
      head_dim: 10,
      sliding_window: 4,
      layer_types: ["full_attention", "sliding_attention", "full_attention"],
    },
  },
  {
    name: "ministral with a window throughout, tied, in shards",
    config: { ...mistral, model_type: "ministral", head_dim: 8, sliding_window: 6, tie_word_embeddings: true },
    shard: "9KB",
  },
  {
    name: "ministral whose layers see everything, another base, in bfloat16",
    config: {
      ...mistral,
      model_type: "ministral",
      head_dim: 6,
      layer_types: ["full_attention", "full_attention", "full_attention"],
      rope_parameters: { rope_type: "default", rope_theta: 90 },
    },
    dtype: "bfloat16",
  },
  { name: "qwen2", config: qwen2 },
  {
    name: "qwen2 with windows on later layers, tied",
    config: { ...qwen2, use_sliding_window: true, sliding_window: 4, max_window_layers: 1, tie_word_embeddings: true },
  },
  {
    name: "qwen2 with a switched-off window, in float16",
    config: { ...qwen2, use_sliding_window: false, sliding_window: 4, max_window_layers: 0 },
    dtype: "float16",
  },
  {
    name: "qwen2 with types of layers",
    config: {
      ...qwen2,
      use_sliding_window: true,
      sliding_window: 3,
      layer_types: ["sliding_attention", "full_attention", "sliding_attention"],
    },
  },
  { name: "qwen3", config: qwen3 },
  {
    name: "qwen3 with biases, tied, in shards",
    config: { ...qwen3, attention_bias: true, tie_word_embeddings: true, num_key_value_heads: 4 },
    shard: "9KB",
  },
  {
    name: "qwen3 with windows and wide heads",
    config: {
      ...qwen3,
      head_dim: 32,
      num_key_value_heads: 1,
      use_sliding_window: true,
      sliding_window: 6,
      max_window_layers: 2,
    },
  },
  ...gemmaCases,
  ...denseCases,
  ...expertCases,
];
