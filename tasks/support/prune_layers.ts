/**
 * Which blocks task prune keeps: those of a list, or as many as are requested.
 *
 * @module
 */
import type { Row } from "../../lib/batches/row.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { chooseLayers } from "../../lib/runs/choose_layers.ts";
import { totalProgress } from "./counted_progress.ts";
import { keptLosses } from "./kept_losses.ts";
import { UsageError } from "./usage_error.ts";

/** The ways to choose. */
export const layerChoices = ["even", "influence", "loss"] as const;

/** Options for {@linkcode chosenLayers}. */
export interface ChosenLayersOptions {
  /** `--layers`: a number, or places joined by commas; all are kept if absent. */
  layers?: string;
  chooseLayers: typeof layerChoices[number];
  /** Rows that influence or loss is measured on. */
  rows: readonly Row[];
  batchSize: number;
  /** The folder that is to be made; losses are kept beside it until the choice is made. */
  output: string;
  /** Receives messages. */
  say: (text: string) => void;
}

/**
 * Chooses blocks.
 *
 * @returns Their places from 0, in order; undefined where all are kept.
 * @throws {UsageError} If the flag is no number and no list, or exceeds the model.
 */
export async function chosenLayers(
  model: LanguageModel,
  { layers, chooseLayers: by, rows, batchSize, output, say }: ChosenLayersOptions,
): Promise<number[] | undefined> {
  if (layers === undefined) return undefined;
  const { layers: total } = model.config;
  if (layers.includes(",")) return listedLayers(layers, total);
  const count = Number(layers);
  if (!/^\s*\d+\s*$/.test(layers) || count < 1 || count > total) {
    throw new UsageError(
      `Cannot use --layers: a number in 1..${total} is needed, or a list of indices in 0..${
        total - 1
      } such as 0,2,5, ` +
        `current value is ${layers}`,
    );
  }
  if (count === total) return undefined;
  const known = by === "loss" ? await keptLosses(output, { model, rows, say }) : undefined;
  using bar = totalProgress(by);
  const chosen = await chooseLayers(model, count, { by, rows, batchSize, known, onProgress: bar.update });
  await known?.finish();
  return chosen;
}

function listedLayers(text: string, total: number): number[] {
  const places = text.split(",").map((part) => /^\s*\d+\s*$/.test(part) ? Number(part) : NaN);
  if (places.every((place, index) => place < total && (index === 0 || place > places[index - 1]))) return places;
  throw new UsageError(
    `Cannot use --layers: ascending indices in 0..${total - 1} are needed, joined by commas, current value is ${text}`,
  );
}
