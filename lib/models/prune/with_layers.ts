/**
 * A model of some of another's blocks, sharing their parameters.
 *
 * @module
 */
import { LanguageModel } from "../language_model.ts";
import { cutConfig } from "./cut_config.ts";
import { cutSizes } from "./cut_sizes.ts";
import { originsOf } from "./layers_of.ts";

/**
 * Makes a model of some blocks without copying: it is only for scoring, and must be neither trained nor disposed of.
 *
 * @param model The model with all blocks.
 * @param layers The kept blocks, from 0, in order.
 * @throws {RangeError} If a block does not exist, or the family requires the others.
 */
export function withLayers(model: LanguageModel, layers: readonly number[]): LanguageModel {
  const { family, config } = cutConfig(model, { sizes: cutSizes(model.config, { layers }) });
  const origins = originsOf(family.parameters(config), { whole: model.family.parameters(model.config), layers });
  const parameters = new Map([...origins].map(([name, origin]) => [name, model.parameters.get(origin)!]));
  const view = new LanguageModel(family, config, parameters, model.precision);
  view.limitVocabulary(model.vocabularySize);
  return view;
}
