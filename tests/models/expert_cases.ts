/** Configurations in which checkpoints of mixtures of experts differ, as transformers makes them. */
import type { CheckpointCase } from "./checkpoint_cases.ts";

const sizes = { hidden_size: 24, intermediate_size: 40, num_hidden_layers: 3, num_attention_heads: 4 };
const mixtral = { model_type: "mixtral", ...sizes, num_key_value_heads: 2, num_local_experts: 4 };
const qwen3Moe = {
  model_type: "qwen3_moe",
  ...sizes,
  num_key_value_heads: 2,
  head_dim: 10,
  num_experts: 6,
  num_experts_per_tok: 3,
  moe_intermediate_size: 16,
};
const olmoe = { model_type: "olmoe", ...sizes, num_experts: 5, num_experts_per_tok: 2, pad_token_id: null };
const gptOss = {
  model_type: "gpt_oss",
  ...sizes,
  head_dim: 10,
  num_key_value_heads: 2,
  num_local_experts: 5,
  num_experts_per_tok: 2,
};

/** The checkpoints. */
export const expertCases: CheckpointCase[] = [
  { name: "mixtral, in bfloat16", config: mixtral, dtype: "bfloat16" },
  {
    name: "mixtral with one expert for a position, a window, its balance loss",
    config: {
      ...mixtral,
      num_experts_per_tok: 1,
      sliding_window: 6,
      output_router_logits: true,
      router_aux_loss_coef: 0.7,
    },
  },
  {
    name: "mixtral with all experts for a position, tied, in shards",
    config: { ...mixtral, num_experts_per_tok: 4, head_dim: 8, tie_word_embeddings: true },
    shard: "9KB",
  },
  {
    name: "qwen3_moe with its balance loss",
    config: { ...qwen3Moe, norm_topk_prob: true, output_router_logits: true, router_aux_loss_coef: 0.3 },
  },
  {
    name: "qwen3_moe with layers without experts, biases, a window",
    config: {
      ...qwen3Moe,
      mlp_only_layers: [1],
      attention_bias: true,
      use_sliding_window: true,
      sliding_window: 5,
      output_router_logits: true,
      router_aux_loss_coef: 0.05,
    },
  },
  {
    name: "qwen3_moe with experts in every second layer, tied, in shards",
    config: { ...qwen3Moe, decoder_sparse_step: 2, num_experts_per_tok: 1, tie_word_embeddings: true },
    shard: "9KB",
  },
  {
    name: "olmoe with narrow limits and its balance loss",
    config: { ...olmoe, clip_qkv: 0.8, output_router_logits: true, router_aux_loss_coef: 0.4 },
  },
  {
    name: "olmoe with weights that add up to 1, shared keys, biases",
    config: { ...olmoe, norm_topk_prob: true, num_key_value_heads: 2, attention_bias: true },
  },
  {
    name: "olmoe with one expert for a position, tied, in shards",
    config: { ...olmoe, num_experts_per_tok: 1, tie_word_embeddings: true },
    shard: "9KB",
  },
  {
    name: "gpt_oss with a narrow limit, a window, its balance loss",
    config: {
      ...gptOss,
      swiglu_limit: 0.4,
      sliding_window: 5,
      output_router_logits: true,
      router_aux_loss_coef: 0.9,
      rope_parameters: {
        rope_type: "yarn",
        rope_theta: 500,
        factor: 4,
        beta_fast: 32,
        beta_slow: 1,
        truncate: false,
        original_max_position_embeddings: 12,
      },
    },
  },
  {
    name: "gpt_oss without biases, with types of layers, tied, in shards",
    config: {
      ...gptOss,
      swiglu_alpha: 1.1,
      attention_bias: false,
      num_key_value_heads: 4,
      layer_types: ["full_attention", "sliding_attention", "full_attention"],
      sliding_window: 3,
      tie_word_embeddings: true,
    },
    shard: "9KB",
  },
  {
    name: "gpt_oss with one expert for a position, in bfloat16",
    config: { ...gptOss, num_experts_per_tok: 1, sliding_window: 7 },
    dtype: "bfloat16",
  },
];
