/**
 * The memory that a model's blocks need while they are computed, and what they leave for the backward pass.
 *
 * Symbols: `S` positions, `K` kept ones, `B` rows, `T` the longest row, `H` hidden width, `A` heads, `L` blocks, `W`
 * the widths in and out of the matrices of a block, added up, `Q` those of query, key and value among them.
 *
 * @module
 */
import type { AttentionKind, Precision } from "../../engines/engine.ts";
import { type ShapedModel, widthsOf } from "../../models/parameter_counts.ts";
import type { BatchExtent } from "../../batches/batch_extent.ts";

/** How blocks are computed. */
export interface BlockForm {
  /** How the engine computes attention. */
  attention: AttentionKind;
  /** How the results of products are stored. */
  precision: Precision;
  /** Whether blocks are computed again in the backward pass. */
  recompute: boolean;
}

/** Factors on `S·W`, `B·A·T²` and `B·T·H`. */
interface Factors {
  widths: number;
  scores: number;
  layout: number;
}

/**
 * For what the forward pass of a block leaves, and for what a block needs while it is computed. A least-squares fit
 * to the peaks of 90 shapes of GPT-2, off by a fifth at most on an engine of plain operations, by less than a half with
 * rows laid out; for packed rows a count of the tensors that are kept.
 */
const factors: Record<AttentionKind, Record<"saved" | "block", Factors>> = {
  "composed": { saved: { widths: 2.6, scores: 2.6, layout: 9 }, block: { widths: 1.4, scores: 3, layout: 10 } },
  "laid-out": { saved: { widths: 1.3, scores: 0, layout: 8 }, block: { widths: 1, scores: 0, layout: 3 } },
  "packed": { saved: { widths: 1, scores: 0, layout: 2 }, block: { widths: 1, scores: 0, layout: 3 } },
};

/** In bfloat16 products are stored in two bytes, norms and sums between them in four: three on average. */
const bytesPerNumber: Record<Precision, number> = { float32: 4, bfloat16: 3 };

/**
 * What the forward pass leaves: `a·(L·S·Q + ((L − 1)·S + K)·(W − Q)) + b·L·B·A·T² + c·L·B·T·H` numbers, since in the
 * last block only the kept positions continue after the attention; with `recompute` the states before each block,
 * `L·S·H`.
 *
 * @returns Bytes.
 */
export function activationBytes(model: ShapedModel, batch: BatchExtent, form: BlockForm): number {
  const { layers, hiddenSize } = model.config;
  const { positions, keptTokens } = batch;
  const bytes = bytesPerNumber[form.precision];
  if (form.recompute) return bytes * layers * positions * hiddenSize;
  const { input, others } = blockWidths(model);
  const places = layers * positions * input + ((layers - 1) * positions + keptTokens) * others;
  return bytes * numbers(model, batch, { factors: factors[form.attention].saved, places, repeats: layers });
}

/**
 * What a block needs while it is computed: `d·S·W + e·B·A·T² + f·B·T·H` numbers; with `recompute` what it leaves too.
 *
 * @returns Bytes.
 */
export function blockBytes(model: ShapedModel, batch: BatchExtent, form: BlockForm): number {
  const { input, others } = blockWidths(model);
  const { saved, block } = factors[form.attention];
  const places = batch.positions * (input + others);
  const of = (factors: Factors) => numbers(model, batch, { factors, places, repeats: 1 });
  return bytesPerNumber[form.precision] * (of(block) + (form.recompute ? of(saved) : 0));
}

/** `Q` and `W − Q`, averaged over the blocks. */
function blockWidths(model: ShapedModel): { input: number; others: number } {
  const { layers, expertShare = 0 } = model.config;
  const others = widthsOf(model, "projection") + expertShare * widthsOf(model, "expert");
  return { input: widthsOf(model, "attention-input") / layers, others: others / layers };
}

/** `a·places + repeats·(b·B·A·T² + c·B·T·H)`. */
function numbers(
  { config: { heads, hiddenSize } }: ShapedModel,
  { rows, longestRow }: BatchExtent,
  { factors, places, repeats }: { factors: Factors; places: number; repeats: number },
): number {
  const attention = factors.scores * heads * longestRow + factors.layout * hiddenSize;
  return factors.widths * places + repeats * rows * longestRow * attention;
}
