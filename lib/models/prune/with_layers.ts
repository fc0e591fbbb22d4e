/**
 * A model with some of another's blocks, which shares their parameters.
 *
 * @module
 */
import { LanguageModel } from "../language_model.ts";
import { cutConfig } from "./cut_config.ts";
import { cutSizes } from "./cut_sizes.ts";
import { originsOf } from "./layers_of.ts";

/**
 * Makes a model of some blocks without copying anything: it is for scoring, and must be neither trained nor disposed of.
 *
 * @param model The model with all blocks.
 * @param layers The kept blocks, from 0, in order.
 * @throws {RangeError} If there are no such blocks, or the family cannot do without the others.
 */
export function withLayers(model: LanguageModel, layers: readonly number[]): LanguageModel {
  const { family, config } = cutConfig(model, { sizes: cutSizes(model.config, { layers }) });
  const origins = originsOf(family.parameters(config), { whole: model.family.parameters(model.config), layers });
  const parameters = new Map([...origins].map(([name, origin]) => [name, model.parameters.get(origin)!]));
  const view = new LanguageModel(family, config, parameters, model.precision);
  view.limitVocabulary(model.vocabularySize);
  return view;
}
