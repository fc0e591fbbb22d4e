/**
 * The columns of coarse logits: the k best tokens, the row's target, and the rest.
 *
 * Shapes: `c` tokens to be predicted, `k` best tokens for each.
 *
 * @module
 */

import { NO_TOKEN } from "./sparse_answer.ts";

/** The tokens that have a column. */
export interface NamedTokens {
  /** The k best tokens and then the target, at each position, the target too where none is named: `[c · (k + 1)]`. */
  ids: Int32Array<ArrayBuffer>;
  /** The columns of the target tokens, `[c]`: among the k if they are there, otherwise after them. */
  columns: Int32Array;
  /**
   * What is added to coarse logits so that each token counts once: 0, and −∞ where none is named, and for the target's
   * extra column if it is among the k, `[c · (k + 2)]`.
   */
  open: Float32Array;
}

/**
 * Appends the target tokens to the best ones.
 *
 * @param best The k best tokens at each position, `[c · k]`, {@linkcode NO_TOKEN} for none.
 * @param labels The target tokens, `[c]`.
 */
export function namedTokens(best: Int32Array, labels: Int32Array): NamedTokens {
  const count = labels.length, k = best.length / count;
  const ids = new Int32Array(count * (k + 1));
  const columns = new Int32Array(count);
  const open = new Float32Array(count * (k + 2));
  for (let place = 0; place < count; place++) {
    const those = best.subarray(place * k, (place + 1) * k);
    const at = those.indexOf(labels[place]);
    ids.set(those, place * (k + 1));
    ids[place * (k + 1) + k] = labels[place];
    for (let rank = those.indexOf(NO_TOKEN); rank >= 0; rank = those.indexOf(NO_TOKEN, rank + 1)) {
      ids[place * (k + 1) + rank] = labels[place];
      open[place * (k + 2) + rank] = -Infinity;
    }
    columns[place] = at < 0 ? k : at;
    if (at >= 0) open[place * (k + 2) + k] = -Infinity;
  }
  return { ids, columns, open };
}
