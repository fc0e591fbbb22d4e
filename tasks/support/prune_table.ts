/**
 * What the task prune prints: a model before and after, with sizes and loss.
 *
 * @module
 */
import type { Row } from "../../lib/batches/row.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { widthsOfConfig } from "../../lib/models/prune/cut_sizes.ts";
import { validationLoss } from "../../lib/training/run/validation_loss.ts";
import { formatTable } from "./table.ts";

/** A model, and the rows of the validation split in its vocabulary. */
export interface PrunedModel {
  model: LanguageModel;
  rows: readonly Row[];
}

const head = ["", "layers", "hidden", "ffn", "heads", "key heads", "tokens", "parameters", "valid loss"];

/**
 * Measures the models' losses, and makes the table, a line for each name.
 *
 * @param models The models by name.
 * @param batchSize Rows processed at once.
 */
export async function pruneTable(
  models: Readonly<Record<string, PrunedModel>>,
  batchSize: number,
): Promise<string> {
  const lines: (string | number)[][] = [];
  for (const [name, { model, rows }] of Object.entries(models)) {
    const { config, parameterCount } = model;
    const { hidden, inner, heads, keyValueHeads, vocabulary } = widthsOfConfig(config);
    const loss = await validationLoss(model, rows, { batchSize });
    lines.push([name, config.layers, hidden, inner, heads, keyValueHeads, vocabulary, parameterCount, loss]);
  }
  return formatTable([head, ...lines], { decimals: 4 });
}
