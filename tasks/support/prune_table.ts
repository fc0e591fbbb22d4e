/**
 * What the task prune prints: a model before and after, with sizes and loss.
 *
 * @module
 */
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { widthsOfConfig } from "../../lib/models/prune/cut_sizes.ts";
import { formatTable } from "./table.ts";

/** A model and its loss on the validation split. */
export interface PrunedModel {
  model: LanguageModel;
  loss: number;
}

const head = ["", "layers", "hidden", "ffn", "heads", "key heads", "tokens", "parameters", "valid loss"];

/** The table, a line for each name. */
export function pruneTable(models: Readonly<Record<string, PrunedModel>>): string {
  const lines = Object.entries(models).map(([name, { model: { config, parameterCount }, loss }]) => {
    const { hidden, inner, heads, keyValueHeads, vocabulary } = widthsOfConfig(config);
    return [name, config.layers, hidden, inner, heads, keyValueHeads, vocabulary, parameterCount, loss];
  });
  return formatTable([head, ...lines], { decimals: 4 });
}
