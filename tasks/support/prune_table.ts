/**
 * What the task prune prints: a model before and after, with sizes and loss.
 *
 * @module
 */
import type { Row } from "../../lib/batches/row.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { widthsOfConfig } from "../../lib/models/prune/cut_sizes.ts";
import { validationLoss } from "../../lib/training/run/validation_loss.ts";
import { totalProgress } from "./counted_progress.ts";
import { formatTable } from "./table.ts";

/** A model, and the rows of the validation split in its vocabulary. */
export interface PrunedModel {
  model: LanguageModel;
  rows: readonly Row[];
}

/**
 * Measures the models' losses, and makes the table, a line for each name; a column of experts only where there are some.
 *
 * @param models The models by name.
 * @param batchSize Rows processed at once.
 */
export async function pruneTable(
  models: Readonly<Record<string, PrunedModel>>,
  batchSize: number,
): Promise<string> {
  const lines: (string | number)[][] = [];
  const mixed = Object.values(models).some(({ model }) => widthsOfConfig(model.config).experts > 0);
  for (const [name, { model, rows }] of Object.entries(models)) {
    const { config, parameterCount } = model;
    const { hidden, inner, heads, keyValueHeads, experts, vocabulary } = widthsOfConfig(config);
    using bar = totalProgress(`loss ${name}`);
    const loss = await validationLoss(model, rows, { batchSize, onRows: (done) => bar.update(done, rows.length) });
    const sizes = [config.layers, hidden, inner, heads, keyValueHeads, ...(mixed ? [experts] : [])];
    lines.push([name, ...sizes, vocabulary, parameterCount, loss]);
  }
  const head = [
    "",
    "layers",
    "hidden",
    "ffn",
    "heads",
    "key heads",
    ...(mixed ? ["experts"] : []),
    "tokens",
    "parameters",
    "valid loss",
  ];
  return formatTable([head, ...lines], { decimals: 4 });
}
