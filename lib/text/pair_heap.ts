/**
 * A queue of pairs, the most frequent first.
 *
 * @module
 */

/** A pair of tokens, as one number, with its count. */
export interface CountedPair {
  /** The pair. */
  pair: number;
  /** Its count. */
  count: number;
}

const before = (a: CountedPair, b: CountedPair): boolean =>
  a.count > b.count || (a.count === b.count && a.pair < b.pair);

/** A binary heap: the highest count comes out first, ties by the lowest pair. */
export class PairHeap {
  readonly #items: CountedPair[] = [];

  /**
   * Fills the heap.
   *
   * @param items Its initial items.
   */
  constructor(items: CountedPair[]) {
    for (const item of items) this.push(item);
  }

  /**
   * Adds a pair.
   *
   * @param item The pair.
   */
  push(item: CountedPair): void {
    const items = this.#items;
    let place = items.length;
    items.push(item);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!before(item, items[parent])) break;
      items[place] = items[parent];
      place = parent;
    }
    items[place] = item;
  }

  /**
   * Removes the first pair.
   *
   * @returns The pair, or undefined if the heap is empty.
   */
  pop(): CountedPair | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let place = 0;
    for (let child = 1; child < items.length; child = 2 * place + 1) {
      if (child + 1 < items.length && before(items[child + 1], items[child])) child += 1;
      if (!before(items[child], last)) break;
      items[place] = items[child];
      place = child;
    }
    items[place] = last;
    return first;
  }
}
