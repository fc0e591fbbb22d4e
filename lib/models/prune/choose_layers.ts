/**
 * Chooses the blocks that a pruned model keeps.
 *
 * @module
 */
import { aFunction, aList, aModel, aNumber, checkArguments, objectWith } from "../../arguments/check_arguments.ts";
import type { LanguageModel } from "../language_model.ts";
import { largest } from "./kept_units.ts";
import { withLayers } from "./with_layers.ts";

/**
 * Chooses evenly spaced blocks, including the first and the last; a single one is the first.
 *
 * @param total The number of blocks.
 * @param count The number of blocks to keep.
 */
export function evenLayers(total: number, count: number): number[] {
  const step = count === 1 ? 0 : (total - 1) / (count - 1);
  return Array.from({ length: count }, (_, place) => Math.round(place * step));
}

/**
 * Chooses the blocks with the most influence.
 *
 * @param influence The influence of each block, from `layerInfluence()`.
 * @param count The number of blocks to keep.
 */
export function influentialLayers(influence: readonly number[], count: number): number[] {
  checkArguments("choose blocks", { influence: [influence, aList], count: [count, aNumber] });
  return [...largest(Float64Array.from(influence), count)];
}

/** The losses of sets of blocks that were computed before. */
export interface KnownLosses {
  /** The loss with these blocks; undefined if it is not known. */
  get(layers: readonly number[]): number | undefined;
  /** Takes note of one. */
  set(layers: readonly number[], loss: number): void | Promise<void>;
}

/** Options for {@linkcode layersByLoss}. */
export interface LayersByLossOptions {
  /** The number of blocks to keep. */
  count: number;
  /** Computes the loss of a model of some blocks; the model is only valid during the call. */
  loss: (model: LanguageModel) => Promise<number>;
  /**
   * Losses that need not be computed again; those that are computed are added.
   *
   * @default {none are known}
   */
  known?: KnownLosses;
  /** Called after each loss with the number computed so far and the total. */
  onLoss?: (done: number, total: number) => void;
}

/**
 * Drops blocks one at a time, always the one whose removal gives the lowest loss.
 *
 * Each round computes one loss per remaining block.
 *
 * @param model The model with all blocks.
 * @returns The kept blocks, in order.
 *
 * Source: J. Song et al., "SLEB: streamlining LLMs through redundancy verification and elimination of transformer
 * blocks", 2024.
 */
export async function layersByLoss(model: LanguageModel, options: LayersByLossOptions): Promise<number[]> {
  checkArguments("choose blocks", { model: [model, aModel], options: [options, objectWith("count", "loss")] });
  const { count, loss, known, onLoss } = options;
  checkArguments("choose blocks", { count: [count, aNumber], loss: [loss, aFunction] });
  let kept = Array.from({ length: model.config.layers }, (_, layer) => layer);
  const total = kept.slice(count).reduce((sum, _, dropped) => sum + kept.length - dropped, 0);
  for (let done = 0; kept.length > count;) {
    let best: { layers: number[]; loss: number } | undefined;
    for (const layer of kept) {
      const layers = kept.filter((other) => other !== layer);
      const before = known?.get(layers);
      const found = before ?? await loss(withLayers(model, layers));
      if (before === undefined) await known?.set(layers, found);
      if (best === undefined || found < best.loss) best = { layers, loss: found };
      onLoss?.(++done, total);
    }
    kept = best!.layers;
  }
  return kept;
}
