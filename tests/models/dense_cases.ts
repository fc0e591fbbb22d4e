/** Configurations of families over the shared blocks, each with what the family alone has. */
import type { CheckpointCase } from "./checkpoint_cases.ts";

/** Sizes that most cases have. */
export const sizes = { hidden_size: 24, intermediate_size: 40, num_hidden_layers: 3, num_attention_heads: 4 };
const gemma = { model_type: "gemma", ...sizes, num_key_value_heads: 2, head_dim: 10 };
const phi3 = { model_type: "phi3", ...sizes, num_key_value_heads: 2, pad_token_id: 0 };
const smollm3 = { model_type: "smollm3", ...sizes, num_key_value_heads: 2, pad_token_id: 0 };
const granite = { model_type: "granite", ...sizes, num_key_value_heads: 2 };
const olmo2 = { model_type: "olmo2", ...sizes, num_key_value_heads: 2 };
const ministral3 = { model_type: "ministral3", ...sizes, num_key_value_heads: 2, head_dim: 10 };
const gptNeox = { model_type: "gpt_neox", ...sizes, rotary_pct: 0.7 };
const stablelm = { model_type: "stablelm", ...sizes, num_key_value_heads: 2, partial_rotary_factor: 0.7 };

/** Rotary parameters of Ministral 3, whose queries grow every four positions. */
const growing = {
  rope_type: "yarn",
  rope_theta: 90,
  factor: 3,
  original_max_position_embeddings: 4,
  llama_4_scaling_beta: 0.7,
};

/** Rotary parameters of Llama 3. */
export const llama3 = {
  rope_type: "llama3",
  rope_theta: 10000,
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 16,
};

/** The checkpoints. */
export const denseCases: CheckpointCase[] = [
  { name: "gemma", config: gemma },
  {
    name: "gemma with biases, one key for all, a head of its own, in shards",
    config: { ...gemma, attention_bias: true, num_key_value_heads: 1, tie_word_embeddings: false },
    shard: "9KB",
  },
  {
    name: "gemma of the first files, in bfloat16",
    config: { ...gemma, rms_norm_eps: 0.01, rope_parameters: { rope_type: "default", rope_theta: 100 } },
    json: { hidden_act: "gelu", hidden_activation: null },
    dtype: "bfloat16",
  },
  { name: "phi3", config: phi3 },
  {
    name: "phi3 with longrope, heads that turn in part, tied, in shards",
    config: {
      ...phi3,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      original_max_position_embeddings: 18,
      tie_word_embeddings: true,
      rope_parameters: {
        rope_type: "longrope",
        rope_theta: 90,
        partial_rotary_factor: 0.7,
        short_factor: [1, 1.25, 2, 2],
        long_factor: [2, 5, 9, 11],
      },
    },
    shard: "9KB",
  },
  {
    name: "phi3 of older files, with a window, in bfloat16",
    config: { ...phi3, sliding_window: 5, num_key_value_heads: 4 },
    json: {
      rope_parameters: null,
      rope_theta: 90,
      original_max_position_embeddings: 20,
      rope_scaling: {
        type: "su",
        short_factor: [1, 1.5, 2],
        long_factor: [2, 5, 9],
        original_max_position_embeddings: 20,
      },
    },
    dtype: "bfloat16",
  },
  { name: "smollm3 with one layer that does not turn", config: { ...smollm3, no_rope_layers: [1, 0, 1] } },
  {
    name: "smollm3 with windows where layers do not turn, biases, in shards",
    config: {
      ...smollm3,
      attention_bias: true,
      mlp_bias: true,
      use_sliding_window: true,
      sliding_window: 4,
      no_rope_layer_interval: 2,
      tie_word_embeddings: false,
    },
    shard: "9KB",
  },
  {
    name: "smollm3 with a window throughout, in bfloat16, without its head",
    config: {
      ...smollm3,
      use_sliding_window: true,
      sliding_window: 3,
      layer_types: ["sliding_attention", "sliding_attention", "full_attention"],
      no_rope_layers: [0, 1, 1],
    },
    dtype: "bfloat16",
    base: true,
  },
  {
    name: "granite with four factors",
    config: {
      ...granite,
      embedding_multiplier: 7,
      attention_multiplier: 0.3,
      residual_multiplier: 0.4,
      logits_scaling: 0.5,
    },
  },
  {
    name: "granite with biases, tied, in shards",
    config: { ...granite, attention_bias: true, mlp_bias: true, tie_word_embeddings: true, logits_scaling: 2 },
    shard: "9KB",
  },
  {
    name: "granite in bfloat16",
    config: { ...granite, num_key_value_heads: 4, attention_multiplier: 0.2, rms_norm_eps: 0.01 },
    dtype: "bfloat16",
  },
  { name: "olmo2", config: olmo2 },
  {
    name: "olmo2 with biases, tied, in shards",
    config: { ...olmo2, attention_bias: true, tie_word_embeddings: true, num_key_value_heads: 4, rms_norm_eps: 0.01 },
    shard: "9KB",
  },
  {
    name: "olmo2 with scaling, in bfloat16",
    config: { ...olmo2, rope_parameters: llama3, num_key_value_heads: 1 },
    dtype: "bfloat16",
  },
  { name: "ministral3", config: { ...ministral3, rope_parameters: growing } },
  {
    name: "ministral3 with a window, tied, in shards",
    config: {
      ...ministral3,
      sliding_window: 4,
      tie_word_embeddings: true,
      head_dim: 6,
      rope_parameters: { ...growing, mscale: 1, mscale_all_dim: 0.5, original_max_position_embeddings: 9 },
    },
    shard: "9KB",
  },
  { name: "ministral3 without rotary parameters, in bfloat16", config: ministral3, dtype: "bfloat16" },
  { name: "gpt_neox", config: { ...gptNeox, num_attention_heads: 2 } },
  {
    name: "gpt_neox with one part behind the other, tied, in shards",
    config: {
      ...gptNeox,
      use_parallel_residual: false,
      attention_bias: false,
      tie_word_embeddings: true,
      hidden_act: "gelu_new",
      layer_norm_eps: 0.01,
      rope_parameters: { rope_type: "linear", factor: 2, rope_theta: 90, partial_rotary_factor: 1 },
    },
    shard: "9KB",
  },
  {
    name: "gpt_neox as files had it before transformers 5, in float16",
    config: gptNeox,
    json: { rope_parameters: null, rotary_pct: 0.7, rotary_emb_base: 300 },
    dtype: "float16",
  },
  { name: "stablelm", config: stablelm },
  {
    name: "stablelm with both parts side by side, norms of heads, biases, in shards",
    config: { ...stablelm, use_parallel_residual: true, qk_layernorm: true, use_qkv_bias: true },
    shard: "9KB",
  },
  {
    name: "stablelm with norms of heads, tied, in bfloat16",
    config: {
      ...stablelm,
      qk_layernorm: true,
      tie_word_embeddings: true,
      layer_norm_eps: 0.01,
      num_key_value_heads: 1,
    },
    dtype: "bfloat16",
  },
];
