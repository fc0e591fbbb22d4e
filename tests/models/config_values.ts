/** Values of config.json's fields, beside those of the tiny families, with which a test walks over them. */

const activations = [
  ...["relu", "gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate", "gelu_python", "gelu_python_tanh"],
  ...[
    "silu",
    "swish",
    "quick_gelu",
    "gelu_10",
    "mish",
    "tanh",
    "relu2",
    "relu6",
    "linear",
    "leaky_relu",
    "none of them",
  ],
];
const llama3 = { rope_type: "llama3", factor: 8.0, low_freq_factor: 1.0, high_freq_factor: 4.0 };
const rotary = [
  { rope_type: "default", rope_theta: 50.5 },
  { rope_type: "linear", factor: 3.5, rope_theta: 700.5 },
  { type: "linear", factor: 2.0 },
  { rope_theta: 30.5 },
  { ...llama3, rope_theta: 300.5, original_max_position_embeddings: 16 },
  { ...llama3, rope_theta: 300.5 },
  { rope_type: "dynamic", factor: 2.0, rope_theta: 100.5 },
  { rope_type: "yarn", factor: 4.0, rope_theta: 100.5, original_max_position_embeddings: 16 },
  { rope_type: "longrope", rope_theta: 100.5, short_factor: [1.0], long_factor: [2.0] },
  { rope_type: "proportional", rope_theta: 100.5, partial_rotary_factor: 0.5 },
  { rope_type: "default", rope_theta: 100.5, partial_rotary_factor: 0.5 },
  {
    full_attention: { rope_type: "default", rope_theta: 100.5 },
    sliding_attention: { rope_type: "default", rope_theta: 9.5 },
  },
];
const types = (...names: string[]) => names.map((name) => `${name}_attention`);

/** Other values of each field. */
export const configValues: Record<string, unknown[]> = {
  vocab_size: [40, 60],
  ...{ n_embd: [24], hidden_size: [24], n_layer: [1, 3], num_hidden_layers: [1, 3], n_inner: [24], ffn_dim: [24] },
  ...{ n_head: [1, 3, 4, 5], num_attention_heads: [1, 2, 3, 4, 5, 6], num_key_value_heads: [1, 4, 3] },
  ...{ head_dim: [2, 12], intermediate_size: [24], word_embed_proj_dim: [12, 4] },
  ...{ n_positions: [32], max_position_embeddings: [32, 128], tie_word_embeddings: [true, false] },
  ...{ activation_function: activations, hidden_act: activations, hidden_activation: activations },
  ...{ layer_norm_epsilon: [0.5, 0.0001], rms_norm_eps: [0.5, 0.0001], initializer_range: [0.9], init_std: [0.9] },
  ...{ scale_attn_weights: [true, false], scale_attn_by_inverse_layer_idx: [true, false] },
  ...{ reorder_and_upcast_attn: [true, false], attention_bias: [true, false], mlp_bias: [true, false] },
  ...{
    rope_theta: [50.5, 1000000.0],
    rope_parameters: rotary,
    rope_scaling: rotary,
    partial_rotary_factor: [0.5, 1.0],
  },
  original_max_position_embeddings: [16],
  ...{ sliding_window: [1, 3, 64, null], use_sliding_window: [true, false], max_window_layers: [0, 1, 2] },
  layer_types: [
    ...[types("full", "full"), types("sliding", "full"), types("full", "sliding"), types("sliding", "sliding")],
    ...[types("full"), types("chunked", "full"), ["attention", "attention"], ["linear_attention", "full_attention"]],
  ],
  ...{ query_pre_attn_scalar: [3, 100], attn_logit_softcapping: [0.5, null], final_logit_softcapping: [0.5, null] },
  ...{ do_layer_norm_before: [true, false], _remove_final_layer_norm: [true, false], enable_bias: [true, false] },
  layer_norm_elementwise_affine: [true, false],
  // What leaves logits as they are.
  ...{ resid_pdrop: [0.5], embd_pdrop: [0.5], attn_pdrop: [0.5], attention_dropout: [0.5], dropout: [0.5] },
  ...{ layerdrop: [0.5], classifier_dropout: [0.5], hidden_dropout: [0.5], activation_dropout: [0.5] },
  ...{ summary_type: ["mean"], summary_use_proj: [false], summary_activation: ["tanh"], summary_first_dropout: [0.5] },
  ...{ summary_proj_to_labels: [false], use_cache: [true, false], pretraining_tp: [2], chunk_size_feed_forward: [2] },
  ...{ bos_token_id: [3], pad_token_id: [3, 7], eos_token_id: [3, [3, 4], null], dtype: ["float16", "bfloat16"] },
  ...{ id2label: [{ 0: "a", 1: "b", 2: "c" }], label2id: [{ a: 0, b: 1, c: 2 }], problem_type: ["regression"] },
  ...{ output_hidden_states: [true], output_attentions: [true], return_dict: [false], transformers_version: ["4.1.0"] },
  ...{ torch_dtype: ["float16"], is_decoder: [true], n_ctx: [16], name_or_path: ["other"], _name_or_path: ["other"] },
  ...{ tie_last_hidden_states: [true, false], hidden_size_unknown: [3] },
  // Other computations.
  ...{ is_encoder_decoder: [true, false], add_cross_attention: [true, false], is_causal: [true, false] },
  ...{ use_bidirectional_attention: [true, false], pruned_heads: [{ 0: [1] }, {}], attention_chunk_size: [2] },
  ...{ per_layer_config: [{ 0: { sliding_window: 2 } }], text_config: [{ hidden_size: 3 }] },
  ...{ quantization_config: [{ quant_method: "gptq", bits: 4 }], quantization: [{ bits: 4 }] },
};

/** Changes of several fields at once. */
export const configChanges: [family: string, changes: Record<string, unknown>][] = [
  ["llama", { rope_scaling: llama3, original_max_position_embeddings: 16, rope_theta: 40.5 }],
  ["llama", {
    rope_scaling: { ...llama3, original_max_position_embeddings: 32 },
    original_max_position_embeddings: 16,
  }],
  ["llama", { rope_scaling: rotary[1], rope_parameters: rotary[0] }],
  ["llama", { rope_scaling: {}, rope_parameters: rotary[0], rope_theta: 9.5 }],
  ["llama", { rope_scaling: { type: "linear", factor: 3.0 }, rope_theta: 9.5 }],
  ["mistral", { layer_types: types("sliding", "full"), sliding_window: 2 }],
  ["mistral", { layer_types: types("full", "full"), sliding_window: null }],
  ["mistral", { layer_types: types("sliding", "full"), sliding_window: null }],
  ["mistral", { layer_types: null, sliding_window: 3 }],
  ["ministral", { layer_types: null, sliding_window: 3 }],
  ["ministral", { layer_types: null, sliding_window: null }],
  ["qwen2", { use_sliding_window: true, sliding_window: 3, max_window_layers: 1 }],
  ["qwen2", { use_sliding_window: true, sliding_window: null, max_window_layers: 0 }],
  ["qwen2", { use_sliding_window: false, sliding_window: 3, layer_types: types("full", "full") }],
  ["qwen2", { use_sliding_window: false, sliding_window: 3, layer_types: types("sliding", "full") }],
  ["qwen2", {
    use_sliding_window: true,
    sliding_window: 3,
    layer_types: types("sliding", "full"),
    max_window_layers: 2,
  }],
  ["qwen3", {
    use_sliding_window: true,
    sliding_window: 2,
    layer_types: types("sliding", "full"),
    max_window_layers: 0,
  }],
  ["gemma2", { layer_types: types("full", "sliding"), sliding_window: 2 }],
  ["gemma2", { hidden_act: "relu", hidden_activation: "silu" }],
  ["gpt2", { n_head: 2, num_attention_heads: 3 }],
  ["gpt2", { n_head: 3, num_attention_heads: 2 }],
];
