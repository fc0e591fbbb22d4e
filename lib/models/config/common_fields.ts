/**
 * The fields of config.json that mean the same in every family: those of `PretrainedConfig` in transformers 5.23, of
 * versions before it, and those that other programs add.
 *
 * Dropout has no effect here, not even in training; adapters have their own dropout.
 *
 * @module
 */
import type { Json } from "./config_fields.ts";
import type { FieldRule, FieldRules, NeutralValue } from "./field_rules.ts";

/** Rules for fields without effect. */
export const inert = (...fields: string[]): FieldRules =>
  Object.fromEntries(fields.map((field) => [field, "inert" as FieldRule]));

/** Rules for fields that are read. */
export const read = (...fields: string[]): FieldRules =>
  Object.fromEntries(fields.map((field) => [field, "read" as FieldRule]));

/** Layer types, in a family that has only one. */
const fullAttention: NeutralValue = {
  required: "full_attention throughout",
  holds: (types: unknown) =>
    Array.isArray(types) && types.every((type) => type === "full_attention" || type === "attention"),
};

/** Custom classes of the repository, which transformers uses with trust_remote_code. */
const otherCode: NeutralValue = {
  required: "code for tokenizers and other heads",
  holds: (map: unknown) =>
    !["AutoConfig", "AutoModel", "AutoModelForCausalLM"].some((name) => Object.hasOwn(map as Json, name)),
};

/** How they are treated. */
export const COMMON_FIELDS: FieldRules = {
  ...read("model_type", "architectures", "vocab_size", "tie_word_embeddings", "eos_token_id"),
  // Other computations.
  is_encoder_decoder: [false],
  add_cross_attention: [false],
  cross_attention_hidden_size: [],
  is_causal: [true],
  use_bidirectional_attention: [false],
  layer_types: fullAttention,
  per_layer_config: [],
  // Quantised weights have already been refused, with advice.
  ...read("quantization_config"),
  quantization: [],
  compression_config: [],
  pruned_heads: [],
  text_config: [],
  sliding_window: [],
  attention_chunk_size: [],
  auto_map: otherCode,
  // Dropout in training, in transformers.
  ...inert("attention_dropout", "dropout", "activation_dropout", "hidden_dropout", "layerdrop", "classifier_dropout"),
  ...inert("resid_pdrop", "embd_pdrop", "attn_pdrop"),
  // Initialization, in families that read the other of the two.
  ...inert("initializer_range", "init_std"),
  // How the library computes, stores and returns the same numbers.
  ...inert("dtype", "torch_dtype", "use_cache", "cache_implementation", "cache_config", "chunk_size_feed_forward"),
  ...inert("attn_implementation", "_attn_implementation", "_attn_implementation_internal", "experts_implementation"),
  ...inert("_attn_implementation_autoset", "_experts_implementation", "_experts_implementation_internal"),
  ...inert("_flash_attn_2_enabled", "gradient_checkpointing", "torchscript", "use_bfloat16", "tf_legacy_loss"),
  ...inert("output_attentions", "_output_attentions", "output_hidden_states", "return_dict", "use_return_dict"),
  ...inert("tie_last_hidden_states", "output_past", "is_decoder", "tie_encoder_decoder"),
  // Other heads.
  ...inert("id2label", "label2id", "num_labels", "_num_labels", "problem_type", "finetuning_task"),
  // Tokens and texts, which the tokenizer and generation settings determine.
  ...inert("bos_token_id", "pad_token_id", "sep_token_id", "decoder_start_token_id", "tokenizer_class", "prefix"),
  ...inert("unk_token_id"),
  ...inert("bos_token", "eos_token", "pad_token", "unk_token", "model_max_length", "max_sequence_length"),
  // Where it comes from.
  ...inert(
    "transformers_version",
    "name_or_path",
    "_name_or_path",
    "_model_name_or_path",
    "_commit_hash",
    "_from_model_config",
  ),
  ...inert("task_specific_params", "transformers.js_config", "unsloth_version", "unsloth_fixed", "is_llama_config"),
  // Generation settings that older versions stored here; transformers 5 does not.
  ...inert("max_length", "max_new_tokens", "min_length", "do_sample", "early_stopping", "num_beams", "temperature"),
  ...inert("top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size"),
  ...inert("encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores"),
  ...inert("return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values"),
  ...inert("exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "epsilon_cutoff"),
  ...inert("eta_cutoff", "encoder_repetition_penalty", "num_assistant_tokens", "num_assistant_tokens_schedule"),
  ...inert("assistant_confidence_threshold", "assistant_lookbehind", "target_lookbehind", "num_beam_groups"),
  ...inert("diversity_penalty", "generation_config"),
};
