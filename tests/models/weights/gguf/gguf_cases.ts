/** Models in GGUF files: every architecture, stored in different types, with what metadata may ask for. */

/** A file to be made by `tests/python/make_gguf.py`. */
export interface GgufCase {
  name: string;
  /** `general.architecture`. */
  architecture: string;
  /** The model as transformers makes it. */
  config: Record<string, unknown>;
  /** How matrices are stored. */
  type: string;
  /** Whether transformers passes over something, so that the model itself is the reference. */
  direct?: boolean;
  /** Further metadata, by the writer's methods. */
  metadata?: Record<string, unknown>;
  /** Further tensors of one axis. */
  tensors?: Record<string, number[]>;
  /** Whether head and embedding are one. */
  tied?: boolean;
}

const sizes = { hidden_size: 64, intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4 };
const grouped = { ...sizes, num_key_value_heads: 2 };
const llama = { model_type: "llama", ...grouped };

const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

/** What llama.cpp's converter writes for Llama 3's scaling: what each frequency is divided by. */
const llama3Factors = Array.from({ length: 8 }, (_, pair) => {
  const wave = 2 * Math.PI * 10_000 ** (pair / 8);
  if (wave < 8192 / 4) return 1;
  if (wave > 8192) return 8;
  const smooth = (8192 / wave - 1) / 3;
  return 1 / ((1 - smooth) / 8 + smooth);
});

/** The files. */
export const ggufCases: GgufCase[] = [
  { name: "llama-q4_1", architecture: "llama", config: llama, type: "Q4_1" },
  {
    name: "llama-biased-f32",
    architecture: "llama",
    config: { ...llama, attention_bias: true },
    type: "F32",
    direct: true, // of biases transformers knows nothing here
  },
  {
    name: "llama-tied-q8_0",
    architecture: "llama",
    config: { ...llama, tie_word_embeddings: true },
    type: "Q8_0",
    tied: true,
  },
  {
    name: "llama3-f32",
    architecture: "llama",
    config: { ...llama, rope_parameters: { rope_type: "llama3", rope_theta: 10_000, ...llama3 } },
    type: "F32",
    direct: true,
    tensors: { "rope_freqs.weight": llama3Factors },
  },
  {
    name: "llama-linear-f32",
    architecture: "llama",
    config: { ...llama, rope_parameters: { rope_type: "linear", rope_theta: 500, factor: 4 } },
    type: "F32",
    direct: true,
    metadata: { add_rope_scaling_type: "linear", add_rope_scaling_factor: 4 },
  },
  { name: "qwen2-bf16", architecture: "qwen2", config: { model_type: "qwen2", ...grouped }, type: "BF16" },
  {
    name: "qwen3-q5_1",
    architecture: "qwen3",
    config: { model_type: "qwen3", ...grouped, head_dim: 128 },
    type: "Q5_1",
  },
  {
    name: "gemma2-f32",
    architecture: "gemma2",
    config: { model_type: "gemma2", ...grouped, head_dim: 32, query_pre_attn_scalar: 32, sliding_window: 8 },
    type: "F32",
    direct: true, // transformers takes the scale to be that of heads of 256
    tied: true,
  },
  {
    name: "gpt2-f32",
    architecture: "gpt2",
    config: { model_type: "gpt2", n_embd: 64, n_layer: 2, n_head: 4, n_positions: 48 },
    type: "F32",
    direct: true, // transformers takes the vocabulary and the context to be of the usual sizes
    tied: true,
  },
  {
    name: "gemma3-f32",
    architecture: "gemma3",
    config: {
      model_type: "gemma3_text",
      ...grouped,
      num_hidden_layers: 7,
      head_dim: 32,
      query_pre_attn_scalar: 32,
      sliding_window: 8,
    },
    type: "F32",
    direct: true, // transformers takes the scale to be that of heads of 256
    tied: true,
  },
  {
    name: "phi3-longrope-f32",
    architecture: "phi3",
    config: {
      model_type: "phi3",
      ...grouped,
      pad_token_id: 0,
      sliding_window: 7,
      original_max_position_embeddings: 20,
      rope_parameters: {
        rope_type: "longrope",
        rope_theta: 500,
        partial_rotary_factor: 0.8,
        short_factor: [1, 1.25, 1.5, 2, 3, 4],
        long_factor: [2, 3, 5, 7, 9, 11],
      },
    },
    type: "F32",
    direct: true, // transformers reads neither the factors nor the window
    metadata: {
      add_pad_token_id: 0,
      add_rope_dimension_count: 12,
      add_rope_scaling_orig_ctx_len: 20,
      add_rope_scaling_attn_factors: Math.sqrt(1 + Math.log(48 / 20) / Math.log(20)),
    },
    tensors: {
      "rope_factors_long.weight": [2, 3, 5, 7, 9, 11],
      "rope_factors_short.weight": [1, 1.25, 1.5, 2, 3, 4],
    },
  },
  {
    name: "phi3-q8_0",
    architecture: "phi3",
    config: { model_type: "phi3", ...grouped, pad_token_id: 0, tie_word_embeddings: true },
    type: "Q8_0",
    metadata: { add_pad_token_id: 0 },
    tied: true,
  },
  {
    name: "qwen3moe-f32",
    architecture: "qwen3moe",
    config: {
      model_type: "qwen3_moe",
      ...grouped,
      head_dim: 128,
      num_experts: 4,
      num_experts_per_tok: 2,
      moe_intermediate_size: 32,
      norm_topk_prob: true,
    },
    type: "F32",
    direct: true, // transformers does not read the width of experts
    metadata: { add_expert_count: 4, add_expert_used_count: 2, add_expert_feed_forward_length: 32 },
  },
];
