/** Configurations of models that people distil, as their config.json files have them, as far as sizes go. */

const opt = { model_type: "opt", vocab_size: 50272, max_position_embeddings: 2048 };

/** By the model's name. */
export const realConfigs: Record<string, Record<string, unknown>> = {
  "gpt2": { model_type: "gpt2" },
  // Its width is its context.
  "gpt2-medium": { model_type: "gpt2", n_embd: 1024, n_layer: 24, n_head: 16, n_positions: 1024 },
  "a gpt2 whose every extent is 1024": {
    ...{ model_type: "gpt2", n_embd: 1024, n_inner: 1024, n_layer: 3, n_head: 16, n_positions: 1024, vocab_size: 1024 },
    tie_word_embeddings: false,
  },
  "opt-350m": {
    ...{ ...opt, hidden_size: 1024, word_embed_proj_dim: 512, ffn_dim: 4096, num_hidden_layers: 24 },
    ...{ num_attention_heads: 16, do_layer_norm_before: false },
  },
  "opt-1.3b, its width its context": {
    ...{ ...opt, hidden_size: 2048, ffn_dim: 8192, num_hidden_layers: 24, num_attention_heads: 32 },
  },
  "tiny-llama": {
    ...{ model_type: "llama", hidden_size: 2048, intermediate_size: 5632, num_hidden_layers: 22 },
    ...{ num_attention_heads: 32, num_key_value_heads: 4, max_position_embeddings: 2048 },
  },
  "llama with biases": {
    ...{ model_type: "llama", hidden_size: 2048, intermediate_size: 2048, num_hidden_layers: 2, vocab_size: 2048 },
    ...{ num_attention_heads: 16, max_position_embeddings: 2048, attention_bias: true, mlp_bias: true },
  },
  "mistral-7b": { model_type: "mistral", num_hidden_layers: 32, num_key_value_heads: 8, sliding_window: 4096 },
  "qwen2.5-0.5b": {
    ...{ model_type: "qwen2", hidden_size: 896, intermediate_size: 4864, num_hidden_layers: 24, vocab_size: 151936 },
    ...{ num_attention_heads: 14, num_key_value_heads: 2, tie_word_embeddings: true },
  },
  "qwen3-0.6b": {
    ...{ model_type: "qwen3", hidden_size: 1024, intermediate_size: 3072, num_hidden_layers: 28, vocab_size: 151936 },
    ...{ num_attention_heads: 16, num_key_value_heads: 8, head_dim: 128, tie_word_embeddings: true },
  },
  "gemma-2-2b": {
    ...{ model_type: "gemma2", hidden_size: 2304, intermediate_size: 9216, num_hidden_layers: 26 },
    ...{ num_attention_heads: 8, num_key_value_heads: 4, head_dim: 256, vocab_size: 256000 },
  },
};
