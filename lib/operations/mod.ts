/**
 * Operations that an engine may offer as one kernel, each with its composition of plain operations.
 *
 * @module
 */
export * from "./activate.ts";
export * from "./adam_w.ts";
export * from "./amid_loss.ts";
export * from "./cross_entropy.ts";
export * from "./causal_attention.ts";
export * from "./coarse_logits.ts";
export * from "./embedding.ts";
export { hasKernel } from "../kernels/fused.ts";
export * from "./gelu.ts";
export * from "./global_norm.ts";
export * from "./layer_norm.ts";
export * from "./grouped_linear.ts";
export * from "./linear.ts";
export * from "../distributions/logits_gradient.ts";
export * from "./low_precision.ts";
export * from "../distributions/normalize_logits.ts";
export * from "./ready_weights.ts";
export * from "./replace_rows.ts";
export * from "./rms_norm.ts";
export * from "./rotary.ts";
export * from "./routed_rows.ts";
export * from "../batches/row_layout.ts";
export * from "./silu.ts";
export * from "./sink_softmax.ts";
export * from "./slot_attention.ts";
export * from "./soft_cap.ts";
export * from "./sums.ts";
