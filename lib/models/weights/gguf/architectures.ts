/**
 * The architectures of GGUF files: the family, metadata and tensor names of each. To add one, write an entry.
 *
 * Source: llama.cpp, `convert_hf_to_gguf.py`, `src/llama-arch.cpp`; the package gguf 0.19, `tensor_mapping.py`.
 *
 * @module
 */
import type { ModelMetadata } from "./model_metadata.ts";
import { type Fields, rotaryFields } from "./rotary_metadata.ts";
import type { TensorChange } from "./tensor_change.ts";

/** How an architecture's files are read. */
export interface GgufArchitecture {
  /** The fields of the config.json that the family would read, `model_type` among them. */
  fields(metadata: ModelMetadata): Fields;
  /**
   * The family's name for each module; `#` stands for a block's number, `%` for that of an expert, which is a slice of
   * the tensor; the suffix (`weight`, `bias`) is the same.
   */
  modules: Readonly<Record<string, string>>;
  /** How a tensor, named as in `blk.#.attn_q.weight`, differs from the parameter, if it does. */
  change?(tensor: string, fields: Fields): TensorChange | undefined;
}

/** Modules of the blocks that most families share. */
const DECODER_MODULES = {
  "token_embd": "model.embed_tokens",
  "output_norm": "model.norm",
  "output": "lm_head",
  "blk.#.attn_norm": "model.layers.#.input_layernorm",
  "blk.#.attn_q": "model.layers.#.self_attn.q_proj",
  "blk.#.attn_k": "model.layers.#.self_attn.k_proj",
  "blk.#.attn_v": "model.layers.#.self_attn.v_proj",
  "blk.#.attn_output": "model.layers.#.self_attn.o_proj",
  "blk.#.attn_q_norm": "model.layers.#.self_attn.q_norm",
  "blk.#.attn_k_norm": "model.layers.#.self_attn.k_norm",
  "blk.#.ffn_norm": "model.layers.#.post_attention_layernorm",
  "blk.#.ffn_gate": "model.layers.#.mlp.gate_proj",
  "blk.#.ffn_up": "model.layers.#.mlp.up_proj",
  "blk.#.ffn_down": "model.layers.#.mlp.down_proj",
} as const;

/** Gemma's norms, before and after each sublayer. */
const GEMMA_MODULES = {
  ...DECODER_MODULES,
  "blk.#.post_attention_norm": "model.layers.#.post_attention_layernorm",
  "blk.#.ffn_norm": "model.layers.#.pre_feedforward_layernorm",
  "blk.#.post_ffw_norm": "model.layers.#.post_feedforward_layernorm",
};

const QWEN3_MOE_MODULES = {
  ...DECODER_MODULES,
  "blk.#.ffn_gate_inp": "model.layers.#.mlp.gate",
  "blk.#.ffn_gate_exps": "model.layers.#.mlp.experts.%.gate_proj",
  "blk.#.ffn_up_exps": "model.layers.#.mlp.experts.%.up_proj",
  "blk.#.ffn_down_exps": "model.layers.#.mlp.experts.%.down_proj",
};

const PHI3_MODULES = {
  ...DECODER_MODULES,
  "blk.#.attn_qkv": "model.layers.#.self_attn.qkv_proj",
  "blk.#.ffn_up": "model.layers.#.mlp.gate_up_proj",
};

const GPT2_MODULES = {
  "token_embd": "transformer.wte",
  "position_embd": "transformer.wpe",
  "output_norm": "transformer.ln_f",
  "output": "lm_head",
  "blk.#.attn_norm": "transformer.h.#.ln_1",
  "blk.#.attn_qkv": "transformer.h.#.attn.c_attn",
  "blk.#.attn_output": "transformer.h.#.attn.c_proj",
  "blk.#.ffn_norm": "transformer.h.#.ln_2",
  "blk.#.ffn_up": "transformer.h.#.mlp.c_fc",
  "blk.#.ffn_down": "transformer.h.#.mlp.c_proj",
};

/** Gemma's norms multiply by 1 + weight; the converter stores the sum. */
const lessOne = (tensor: string): TensorChange | undefined =>
  tensor.endsWith("norm.weight") ? { kind: "less-one" } : undefined;

/** The architectures by `general.architecture`. */
export const ARCHITECTURES: Readonly<Record<string, GgufArchitecture>> = {
  llama: {
    fields: (metadata) => ({
      ...decoderFields("llama", metadata),
      attention_bias: metadata.hasTensor("blk.0.attn_q.bias"),
      mlp_bias: metadata.hasTensor("blk.0.ffn_up.bias"),
    }),
    modules: DECODER_MODULES,
    // The converter interleaves rotary pairs for this architecture only.
    change(tensor, { num_attention_heads: queries, num_key_value_heads: keys }) {
      const heads = { "blk.#.attn_q": queries, "blk.#.attn_k": keys }[tensor.replace(/\.(weight|bias)$/, "")];
      return heads === undefined ? undefined : { kind: "halves", heads: heads as number };
    },
  },
  qwen2: { fields: (metadata) => decoderFields("qwen2", metadata), modules: DECODER_MODULES },
  qwen3: { fields: (metadata) => decoderFields("qwen3", metadata), modules: DECODER_MODULES },
  qwen3moe: { fields: qwen3MoeFields, modules: QWEN3_MOE_MODULES },
  gemma2: { fields: gemma2Fields, modules: GEMMA_MODULES, change: lessOne },
  gemma3: { fields: gemma3Fields, modules: GEMMA_MODULES, change: lessOne },
  phi3: { fields: phi3Fields, modules: PHI3_MODULES },
  gpt2: {
    fields: gpt2Fields,
    modules: GPT2_MODULES,
    change: (tensor) => /_(qkv|output|up|down)\.weight$/.test(tensor) ? { kind: "transposed" } : undefined,
  },
};

/** Keys without effect on a model's results. */
export const INERT_KEYS: readonly string[] = ["vocab_size", "tensor_data_layout", "rope.scaling.finetuned"];

/** Begin, end and padding tokens, and whether head and embedding are tied. */
function sharedFields(modelType: string, metadata: ModelMetadata): Fields {
  const ends = ["eos_token_id", "eot_token_id", "eom_token_id"].map((key) => metadata.token(key)).filter((id) =>
    id !== undefined
  );
  return {
    model_type: modelType,
    vocab_size: metadata.header.tensors.get("token_embd.weight")?.shape[0],
    tie_word_embeddings: !metadata.hasTensor("output.weight"),
    bos_token_id: metadata.token("bos_token_id"),
    eos_token_id: ends.length > 1 ? [...new Set(ends)] : ends[0],
    pad_token_id: metadata.token("padding_token_id"),
  };
}

function decoderFields(modelType: string, metadata: ModelMetadata): Fields {
  const { tensors, extent } = metadata.limits;
  const hidden = metadata.countWithin("embedding_length", extent);
  const heads = metadata.countWithin("attention.head_count", extent);
  const headSize = metadata.countWithin("attention.key_length", extent, hidden / heads);
  if (metadata.count("attention.value_length", headSize) !== headSize) {
    throw metadata.wrong(
      "attention.value_length",
      `equal the width of a key, ${headSize}`,
      metadata.value("attention.value_length"),
    );
  }
  return {
    ...sharedFields(modelType, metadata),
    hidden_size: hidden,
    intermediate_size: metadata.count("feed_forward_length"),
    num_hidden_layers: metadata.countWithin("block_count", tensors),
    num_attention_heads: heads,
    num_key_value_heads: metadata.count("attention.head_count_kv", heads),
    head_dim: headSize,
    max_position_embeddings: metadata.count("context_length"),
    rms_norm_eps: metadata.positive("attention.layer_norm_rms_epsilon"),
    ...rotaryFields(metadata, headSize),
  };
}

function qwen3MoeFields(metadata: ModelMetadata): Fields {
  return {
    ...decoderFields("qwen3_moe", metadata),
    num_experts: metadata.countWithin("expert_count", metadata.limits.extent),
    num_experts_per_tok: metadata.count("expert_used_count"),
    moe_intermediate_size: metadata.count("expert_feed_forward_length"),
    norm_topk_prob: true, // as llama.cpp computes it
  };
}

function gemma2Fields(metadata: ModelMetadata): Fields {
  const fields = decoderFields("gemma2", metadata);
  return {
    ...fields,
    sliding_window: metadata.count("attention.sliding_window", 4096),
    attn_logit_softcapping: metadata.positive("attn_logit_softcapping") ?? 50,
    final_logit_softcapping: metadata.positive("final_logit_softcapping") ?? 30,
    query_pre_attn_scalar: gemmaScale(fields, 46),
  };
}

/** The largest model of each of these families scales by the width over the heads, as llama.cpp has it too. */
const gemmaScale = ({ num_hidden_layers, hidden_size, num_attention_heads, head_dim }: Fields, largest: number) =>
  num_hidden_layers === largest ? (hidden_size as number) / (num_attention_heads as number) : head_dim;

function gemma3Fields(metadata: ModelMetadata): Fields {
  const { rope_theta, rope_scaling, ...fields } = decoderFields("gemma3_text", metadata);
  const pattern = metadata.count("attention.sliding_window_pattern", 6);
  const isFull = (layer: number) => (layer + 1) % pattern === 0;
  return {
    ...fields,
    sliding_window: metadata.count("attention.sliding_window"),
    layer_types: Array.from(
      { length: fields.num_hidden_layers as number },
      (_, layer) => isFull(layer) ? "full_attention" : "sliding_attention",
    ),
    rope_parameters: {
      full_attention: { rope_theta, ...rope_scaling as Fields ?? { rope_type: "default" } },
      sliding_attention: { rope_theta: metadata.positive("rope.freq_base_swa") ?? 10_000, rope_type: "default" },
    },
    final_logit_softcapping: metadata.positive("final_logit_softcapping") ?? null,
    query_pre_attn_scalar: gemmaScale(fields, 62),
  };
}

function phi3Fields(metadata: ModelMetadata): Fields {
  const window = metadata.value("attention.sliding_window");
  return {
    ...decoderFields("phi3", metadata),
    sliding_window: window === undefined || window === 0 ? null : metadata.count("attention.sliding_window"),
  };
}

function gpt2Fields(metadata: ModelMetadata): Fields {
  const { tensors, extent } = metadata.limits;
  const width = metadata.countWithin("embedding_length", extent);
  return {
    ...sharedFields("gpt2", metadata),
    n_embd: width,
    n_head: metadata.count("attention.head_count"),
    n_layer: metadata.countWithin("block_count", tensors),
    n_positions: metadata.count("context_length"),
    n_inner: metadata.count("feed_forward_length", 4 * width),
    layer_norm_epsilon: metadata.positive("attention.layer_norm_epsilon"),
  };
}
