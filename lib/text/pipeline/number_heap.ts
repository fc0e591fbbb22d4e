/**
 * A queue of numbers, the lowest first.
 *
 * @module
 */

/** A binary heap of numbers. */
export class NumberHeap {
  readonly #items: number[] = [];

  /**
   * Adds a number.
   *
   * @param item The number.
   */
  push(item: number): void {
    const items = this.#items;
    let place = items.length;
    items.push(item);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (items[parent] <= item) break;
      items[place] = items[parent];
      place = parent;
    }
    items[place] = item;
  }

  /**
   * Takes the lowest number out.
   *
   * @returns The number, or undefined if the heap is empty.
   */
  pop(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let place = 0;
    for (let child = 1; child < items.length; child = 2 * place + 1) {
      if (child + 1 < items.length && items[child + 1] < items[child]) child += 1;
      if (items[child] >= last) break;
      items[place] = items[child];
      place = child;
    }
    items[place] = last;
    return first;
  }
}
