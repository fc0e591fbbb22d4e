/**
 * A model whose weights are ready for generation.
 *
 * @module
 */
import { type MapWeight, readyWeights } from "../../operations/mod.ts";
import type { LanguageModel } from "../language_model.ts";

/** The most bytes that all copies may take; a larger model's weights stay as they are. */
const MOST_BYTES = 2 ** 31;
/** New tokens from which on the copies are worth their making. */
const WORTH_FROM = 8;

/**
 * Makes the weights of a model's projections and of its head ready, on an engine that has a faster order for them.
 *
 * @param model The model; its parameters must not change until then.
 * @returns What ends it.
 */
export function readyModel(model: LanguageModel, { maxNewTokens }: { maxNewTokens: number }): () => void {
  const weights: MapWeight[] = [];
  for (const [name, { projection }] of model.family.parameters(model.config)) {
    const weight = model.parameters.get(name);
    if (projection !== undefined && weight?.rank === 2) {
      weights.push({ weight, inputFirst: projection === "input-first" });
    }
  }
  // A head that is cut is another tensor in each step.
  if (!model.cutsHead) weights.push({ weight: model.head, inputFirst: false });
  const bytes = weights.reduce((sum, { weight }) => sum + 4 * weight.size, 0);
  return maxNewTokens < WORTH_FROM || bytes > MOST_BYTES ? () => {} : readyWeights(weights);
}
