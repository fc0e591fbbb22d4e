/**
 * Which blocks a student's start keeps of a teacher.
 *
 * @module
 */
import { aModel, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import type { Row } from "../batches/row.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { evenLayers, influentialLayers, type KnownLosses, layersByLoss } from "../models/prune/choose_layers.ts";
import { layerInfluence } from "../models/prune/layer_influence.ts";
import { validationLoss } from "../training/run/validation_loss.ts";

/** Options for {@linkcode chooseLayers}. */
export interface ChooseLayersOptions {
  /**
   * `even`: at equal distances; `influence`: the blocks that turn states the most; `loss`: those that are left when the
   * block whose loss is the least is dropped again and again, which takes long.
   *
   * @default {"influence"}
   */
  by?: "even" | "influence" | "loss";
  /** Rows that influence or loss is measured on. */
  rows: readonly Row[];
  /**
   * Rows worked on at once.
   *
   * @default {8}
   */
  batchSize?: number;
  /**
   * With `loss`: losses that need not be computed again; those that are computed are added.
   *
   * @default {none are known}
   */
  known?: KnownLosses;
  /** Called with how much of the work is done, and the whole: rows, or losses. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Chooses blocks.
 *
 * @param model The model with all blocks.
 * @param count How many are kept.
 * @param options By what they are chosen.
 * @returns Their places from 0, in order.
 * @throws {RangeError} If the model has fewer.
 *
 * @example Three of the built-in teacher's blocks
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, rowFromText, useEngine } from "@amid/amid";
 * import { chooseLayers } from "@amid/amid/runs";
 *
 * await useEngine("wasm");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const rows = [rowFromText(tokenizer, { prompt: "What kind of thing is a heron?\n", response: "animal" })];
 * const layers = await chooseLayers(await loadModel("data/teacher"), 3, { rows });
 * assert(layers.length === 3);
 * ```
 */
export async function chooseLayers(
  model: LanguageModel,
  count: number,
  options: ChooseLayersOptions,
): Promise<number[]> {
  checkArguments("choose blocks", { model: [model, aModel], options: [options, objectWith("rows")] });
  const { by = "influence", rows, batchSize = 8, known, onProgress } = options;
  const { layers } = model.config;
  if (!Number.isInteger(count) || count < 1 || count > layers) {
    throw new RangeError(`Cannot choose blocks: a whole number in 1..${layers} is needed, current value is ${count}`);
  }
  if (by === "even") return evenLayers(layers, count);
  if (by === "loss") {
    const loss = (model: LanguageModel) => validationLoss(model, rows, { batchSize });
    return await layersByLoss(model, { count, loss, known, onLoss: onProgress });
  }
  const onRows = (done: number) => onProgress?.(done, rows.length);
  return influentialLayers(await layerInfluence(model, rows.map(({ ids }) => ids), { batchSize, onRows }), count);
}
