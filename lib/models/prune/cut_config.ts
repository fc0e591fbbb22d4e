/**
 * The configuration of a pruned model.
 *
 * @module
 */
import { familyOf } from "../families/families.ts";
import type { CutSizes, ModelConfig, ModelFamily } from "../family.ts";
import type { LanguageModel } from "../language_model.ts";
import { renumberTokens } from "./renumber_tokens.ts";

/** What a pruned model keeps. */
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
 * Makes the configuration, finds its family, and checks that each block keeps its kind.
 *
 * @param model The model to prune, or its architecture.
 * @param options What is kept.
 * @throws {RangeError} If the family cannot have these sizes, a block would be computed differently at its new index,
 * or a token that settings name is not kept.
 */
export function cutConfig(
  { family: whole, config: given }: Pick<LanguageModel, "family" | "config">,
  { sizes, vocabulary }: CutConfigOptions,
): { family: ModelFamily; config: ModelConfig } {
  const config = vocabulary ? renumberTokens(given, vocabulary) : given;
  const { endTokens, generation } = config;
  const json = whole.cutConfig(config, sizes);
  const family = familyOf(json); // for a multimodal model, only that of the text model
  const cut = { ...family.readConfig(json), endTokens, generation };
  checkLayers(cut, { config, family, sizes });
  return { family, config: cut };
}

/** Per-layer settings must equal those of the layer that each one comes from. */
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
      `Cannot prune: the ${name} of layer ${layers[place]} must not change, a ${family.modelType} of ` +
        `${layers.length} layers has others at index ${place}`,
    );
  }
}
