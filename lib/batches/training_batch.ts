/**
 * Rows as the training step takes them: packed, with a shared prefix only once, without the last token, and with the
 * positions that predict a response.
 *
 * @module
 */
import type { Row } from "./row.ts";
import { type PackedTokens, packTokens } from "./packed_tokens.ts";
import { packedPlaces } from "./row_layout.ts";

/** Rows ready for a forward pass. */
export interface TrainingBatch {
  /** The rows' ids except for the last of each, which predicts nothing. */
  tokens: PackedTokens;
  /** Indices of the packed positions that predict a response token, `[N]`. */
  keep: Int32Array;
  /** The response tokens, `[N]`. */
  labels: Int32Array;
}

/** Options for {@linkcode trainingBatch}. */
export interface TrainingBatchOptions {
  /**
   * Whether the last token of each row is packed too: it predicts nothing, but counts in sums over all tokens.
   *
   * @default {false}
   */
  whole?: boolean;
  /**
   * The model's context. A row may have a token more, which is then not packed: it has no place among the positions.
   *
   * @default {without end}
   */
  contextLength?: number;
}

/**
 * Packs rows for training.
 *
 * @param rows Rows, each with a prompt and a response, already checked by `checkRow`.
 */
export function trainingBatch(rows: readonly Row[], options: TrainingBatchOptions = {}): TrainingBatch {
  const { whole = false, contextLength = Infinity } = options;
  // Prefixes end before the first position that predicts a response, so that those are never shared.
  const shareable = rows.map(({ promptLength }) => promptLength - 1);
  const unread = rows.map(({ ids }) => whole && ids.length !== contextLength + 1 ? 0 : 1);
  const tokens = packTokens(rows.map(({ ids }, row) => ids.slice(0, ids.length - unread[row])), { shareable, unread });
  const places = packedPlaces(tokens);
  const keep = rows.flatMap(({ ids, promptLength }, row) => places[row].slice(promptLength - 1, ids.length - 1));
  const labels = rows.flatMap(({ ids, promptLength }) => ids.slice(promptLength));
  return { tokens, keep: Int32Array.from(keep), labels: Int32Array.from(labels) };
}

/** Counts the response tokens of rows, over which a loss is the mean. */
export function keptTokens(rows: readonly Row[]): number {
  return rows.reduce((sum, { ids, promptLength }) => sum + ids.length - promptLength, 0);
}

/**
 * Splits rows into micro-batches of at most `size`, rows of similar length together, so that attention pads little.
 *
 * @returns The micro-batches; a single one if no size is given.
 */
export function microBatches(rows: readonly Row[], size: number = rows.length): Row[][] {
  const byLength = [...rows].sort((a, b) => a.ids.length - b.ids.length);
  const batches: Row[][] = [];
  for (let start = 0; start < byLength.length; start += size) batches.push(byLength.slice(start, start + size));
  return batches;
}
