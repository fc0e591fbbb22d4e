/**
 * The configuration of a model that is cut out of another.
 *
 * @module
 */
import { familyOf } from "../families/families.ts";
import type { CutSizes, ModelConfig, ModelFamily } from "../family.ts";
import type { LanguageModel } from "../language_model.ts";
import { renumberTokens } from "./renumber_tokens.ts";

/** What a smaller model keeps. */
export interface CutConfigOptions {
  sizes: CutSizes;
  /**
   * The kept tokens by id, in their new order.
   *
   * @default {all}
   */
  vocabulary?: readonly number[];
}

/**
 * Makes the configuration, finds its family, and checks that each block is still of the kind that it was.
 *
 * @param model The model that is cut, or as much of it.
 * @param options What is kept.
 * @throws {RangeError} If the family has no model of these sizes, a block would be computed otherwise at its new place, or
 * a token that settings name is not kept.
 */
export function cutConfig(
  { family: whole, config: given }: Pick<LanguageModel, "family" | "config">,
  { sizes, vocabulary }: CutConfigOptions,
): { family: ModelFamily; config: ModelConfig } {
  const config = vocabulary ? renumberTokens(given, vocabulary) : given;
  const { endTokens, generation } = config;
  const json = whole.cutConfig(config, sizes);
  const family = familyOf(json); // of a model that reads images too, the text's alone
  const cut = { ...family.readConfig(json), endTokens, generation };
  checkLayers(cut, { config, family, sizes });
  return { family, config: cut };
}

/** What a configuration says of each layer must be what it said of the layer that this one comes from. */
function checkLayers(
  cut: ModelConfig,
  { config, family, sizes: { layers } }: { config: ModelConfig; family: ModelFamily; sizes: CutSizes },
): void {
  const found = new Map(Object.entries(cut));
  for (const [name, values] of Object.entries(config)) {
    if (name === "endTokens" || !Array.isArray(values) || values.length !== config.layers) continue;
    const others = found.get(name) as unknown[];
    const place = layers.findIndex((layer, place) => JSON.stringify(values[layer]) !== JSON.stringify(others[place]));
    if (place < 0) continue;
    throw new RangeError(
      `Cannot prune: the ${name} of layer ${layers[place]} must stay as they are, a ${family.modelType} of ` +
        `${layers.length} layers has others at place ${place}`,
    );
  }
}
