/** A GGUF file of the smallest Llama, whose parts tests change. */
import { raw, type RawGguf } from "./gguf_bytes.ts";

/** One block, width 4, eight tokens; all numbers are zero. */
export const tinyGguf: Required<Pick<RawGguf, "metadata" | "tensors">> = {
  metadata: [
    ["general.architecture", raw.text("llama")],
    ["llama.block_count", raw.u32(1)],
    ["llama.context_length", raw.u32(16)],
    ["llama.embedding_length", raw.u32(4)],
    ["llama.feed_forward_length", raw.u32(6)],
    ["llama.attention.head_count", raw.u32(2)],
    ["llama.attention.layer_norm_rms_epsilon", raw.f32(1e-5)],
    ["tokenizer.ggml.eos_token_id", raw.u32(3)],
  ],
  tensors: [
    { name: "token_embd.weight", shape: [8, 4] },
    { name: "output_norm.weight", shape: [4] },
    ...["attn_norm", "ffn_norm"].map((name) => ({ name: `blk.0.${name}.weight`, shape: [4] })),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name) => ({ name: `blk.0.${name}.weight`, shape: [4, 4] })),
    ...["ffn_gate", "ffn_up"].map((name) => ({ name: `blk.0.${name}.weight`, shape: [6, 4] })),
    { name: "blk.0.ffn_down.weight", shape: [4, 6] },
  ],
};
