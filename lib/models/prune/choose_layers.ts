/**
 * Which blocks a model of fewer blocks keeps.
 *
 * @module
 */
import type { LanguageModel } from "../language_model.ts";
import { largest } from "./kept_units.ts";
import { withLayers } from "./with_layers.ts";

/**
 * Chooses blocks at equal distances, the first and the last among them; of a single one the first.
 *
 * @param total How many there are.
 * @param count How many are kept.
 */
export function evenLayers(total: number, count: number): number[] {
  const step = count === 1 ? 0 : (total - 1) / (count - 1);
  return Array.from({ length: count }, (_, place) => Math.round(place * step));
}

/**
 * Chooses the blocks of the most influence.
 *
 * @param influence Of each block, as `layerInfluence()` measures it.
 * @param count How many are kept.
 */
export function influentialLayers(influence: readonly number[], count: number): number[] {
  return [...largest(Float64Array.from(influence), count)];
}

/** Options for {@linkcode layersByLoss}. */
export interface LayersByLossOptions {
  /** How many blocks are kept. */
  count: number;
  /** The loss of a model of some blocks; the model lives no longer than the call. */
  loss: (model: LanguageModel) => Promise<number>;
  /** Called after each loss with the number computed so far and the total. */
  onLoss?: (done: number, total: number) => void;
}

/**
 * Drops blocks one after another: each time the one without which the loss is the lowest.
 *
 * It computes as many losses as there are blocks, less one each time.
 *
 * @param model The model with all blocks.
 * @returns The kept blocks, in order.
 *
 * Source: J. Song et al., "SLEB: streamlining LLMs through redundancy verification and elimination of transformer
 * blocks", 2024.
 */
export async function layersByLoss(model: LanguageModel, options: LayersByLossOptions): Promise<number[]> {
  const { count, loss, onLoss } = options;
  let kept = Array.from({ length: model.config.layers }, (_, layer) => layer);
  const total = kept.slice(count).reduce((sum, _, dropped) => sum + kept.length - dropped, 0);
  for (let done = 0; kept.length > count;) {
    let best: { layers: number[]; loss: number } | undefined;
    for (const layer of kept) {
      const layers = kept.filter((other) => other !== layer);
      const found = await loss(withLayers(model, layers));
      if (best === undefined || found < best.loss) best = { layers, loss: found };
      onLoss?.(++done, total);
    }
    kept = best!.layers;
  }
  return kept;
}
