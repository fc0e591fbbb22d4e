/** Small random models of every family. */
import { initializeModel } from "../../lib/models/initialize_model.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";

const sizes = {
  vocab_size: 53,
  hidden_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: 64,
};
const shared = { ...sizes, intermediate_size: 20, num_key_value_heads: 2, initializer_range: 0.4 };

/** Configurations in which each family shows what is its own. */
export const tinyFamilies: Record<string, Record<string, unknown>> = {
  gpt2: {
    model_type: "gpt2",
    vocab_size: 53,
    n_embd: 12,
    n_layer: 2,
    n_head: 2,
    n_positions: 64,
    initializer_range: 0.4,
  },
  opt: { model_type: "opt", ...sizes, init_std: 0.4, ffn_dim: 20, word_embed_proj_dim: 8, do_layer_norm_before: false },
  llama: { model_type: "llama", ...shared, head_dim: 4, attention_bias: true },
  mistral: { model_type: "mistral", ...shared, head_dim: 6, sliding_window: 4 },
  qwen2: { model_type: "qwen2", ...shared, head_dim: 4, tie_word_embeddings: true },
  qwen3: {
    model_type: "qwen3",
    ...shared,
    head_dim: 8,
    use_sliding_window: true,
    sliding_window: 5,
    max_window_layers: 1,
  },
  gemma2: {
    model_type: "gemma2",
    ...shared,
    head_dim: 8,
    query_pre_attn_scalar: 6,
    sliding_window: 3,
    attn_logit_softcapping: 2,
    final_logit_softcapping: 4,
  },
  gemma3_text: {
    model_type: "gemma3_text",
    ...shared,
    head_dim: 8,
    query_pre_attn_scalar: 6,
    sliding_window: 3,
    layer_types: ["sliding_attention", "full_attention"],
    rope_parameters: {
      full_attention: { rope_type: "linear", factor: 2, rope_theta: 400 },
      sliding_attention: { rope_type: "default", rope_theta: 20 },
    },
    final_logit_softcapping: 4,
  },
  gpt_oss: {
    model_type: "gpt_oss",
    ...shared,
    head_dim: 6,
    num_local_experts: 4,
    num_experts_per_tok: 2,
    sliding_window: 4,
    swiglu_limit: 0.7,
    rope_parameters: { rope_type: "default", rope_theta: 1000 },
  },
  olmoe: {
    model_type: "olmoe",
    ...shared,
    num_attention_heads: 2,
    num_experts: 4,
    num_experts_per_tok: 2,
    clip_qkv: 1.5,
  },
  mixtral: {
    model_type: "mixtral",
    ...shared,
    head_dim: 4,
    num_local_experts: 5,
  },
  qwen3_moe: {
    model_type: "qwen3_moe",
    ...shared,
    head_dim: 8,
    num_experts: 6,
    num_experts_per_tok: 3,
    moe_intermediate_size: 12,
    norm_topk_prob: true,
  },
  gemma: { model_type: "gemma", ...shared, head_dim: 8 },
  phi3: {
    model_type: "phi3",
    ...shared,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    sliding_window: 6,
    pad_token_id: 0,
    rope_parameters: { rope_type: "default", rope_theta: 30, partial_rotary_factor: 0.7 },
  },
  smollm3: {
    model_type: "smollm3",
    ...shared,
    num_attention_heads: 2,
    pad_token_id: 0,
    no_rope_layers: [1, 0],
    use_sliding_window: true,
    sliding_window: 4,
  },
  granite: {
    model_type: "granite",
    ...shared,
    num_attention_heads: 2,
    embedding_multiplier: 3,
    attention_multiplier: 0.4,
    residual_multiplier: 0.6,
    logits_scaling: 0.5,
  },
  gpt_neox: {
    model_type: "gpt_neox",
    ...sizes,
    num_attention_heads: 2,
    intermediate_size: 20,
    initializer_range: 0.4,
    rotary_pct: 0.7,
  },
  stablelm: {
    model_type: "stablelm",
    ...shared,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    partial_rotary_factor: 0.7,
    qk_layernorm: true,
    use_parallel_residual: true,
    use_qkv_bias: true,
  },
  olmo2: { model_type: "olmo2", ...shared, num_attention_heads: 2 },
  ministral3: {
    model_type: "ministral3",
    ...shared,
    head_dim: 6,
    sliding_window: 5,
    rope_parameters: {
      rope_type: "yarn",
      rope_theta: 90,
      factor: 3,
      original_max_position_embeddings: 4,
      llama_4_scaling_beta: 0.7,
    },
  },
};

/** The families with experts among them. */
export const expertFamilies = ["mixtral", "qwen3_moe", "olmoe", "gpt_oss"];

/** A model of that family. */
export function tinyFamily(family: string, seed: number, changes: Record<string, unknown> = {}): LanguageModel {
  return initializeModel({ ...tinyFamilies[family], ...changes }, { seed });
}
