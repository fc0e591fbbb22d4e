/** Configurations of Gemma 2 and 3. */
import type { CheckpointCase } from "./checkpoint_cases.ts";

const sizes = { hidden_size: 24, intermediate_size: 40, num_hidden_layers: 3, num_attention_heads: 4 };
const gemma2 = { model_type: "gemma2", ...sizes, num_key_value_heads: 2, head_dim: 10, query_pre_attn_scalar: 7 };
const gemma3 = { ...gemma2, model_type: "gemma3_text" };

/** The checkpoints. */
export const gemmaCases: CheckpointCase[] = [
  { name: "gemma2 with a short window", config: { ...gemma2, sliding_window: 4 } },
  {
    name: "gemma2 with narrow caps, untied",
    config: {
      ...gemma2,
      attn_logit_softcapping: 0.7,
      final_logit_softcapping: 1.5,
      tie_word_embeddings: false,
      sliding_window: 7,
    },
  },
  {
    name: "gemma2 without caps, with biases, in shards",
    config: {
      ...gemma2,
      attn_logit_softcapping: null,
      final_logit_softcapping: null,
      attention_bias: true,
      num_key_value_heads: 4,
    },
    shard: "9KB",
  },
  {
    name: "gemma2 with types of layers, in bfloat16",
    config: {
      ...gemma2,
      layer_types: ["full_attention", "full_attention", "sliding_attention"],
      sliding_window: 3,
      hidden_activation: "silu",
    },
    dtype: "bfloat16",
  },
  {
    name: "gemma3 with a short window on two of three layers",
    config: {
      ...gemma3,
      sliding_window: 4,
      layer_types: ["sliding_attention", "sliding_attention", "full_attention"],
      rope_parameters: {
        full_attention: { rope_type: "linear", factor: 8, rope_theta: 900 },
        sliding_attention: { rope_type: "default", rope_theta: 20 },
      },
    },
  },
  {
    name: "gemma3 with capped logits, biases, a head of its own, in shards",
    config: {
      ...gemma3,
      attention_bias: true,
      final_logit_softcapping: 1.5,
      tie_word_embeddings: false,
      sliding_window: 7,
      num_key_value_heads: 1,
    },
    shard: "9KB",
  },
  {
    name: "gemma3 as files had it before transformers 5, in bfloat16",
    config: { ...gemma3, sliding_window: 3, rms_norm_eps: 0.01 },
    json: {
      rope_parameters: null,
      layer_types: null,
      sliding_window_pattern: 2,
      rope_theta: 700,
      rope_local_base_freq: 30,
      rope_scaling: { rope_type: "linear", factor: 4 },
    },
    dtype: "bfloat16",
  },
  {
    name: "gemma3 that reads images too",
    config: {
      model_type: "gemma3",
      text_config: { ...gemma3, vocab_size: 61, max_position_embeddings: 48, sliding_window: 4, eos_token_id: 5 },
      vision_config: {
        hidden_size: 8,
        intermediate_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 1,
        image_size: 4,
        patch_size: 2,
      },
      mm_tokens_per_image: 4,
    },
  },
  {
    name: "gemma3 without its head",
    config: { ...gemma3, hidden_activation: "silu", sliding_window: 5, num_hidden_layers: 7 },
    base: true,
  },
];
