import fc from "fast-check";
import { type Batch, batches, batchOrder } from "../../lib/batches/batches.ts";
import type { Row } from "../../lib/batches/row.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

const rowsOf = (lengths: number[]): Row[] => lengths.map((length) => ({ ids: Array(length).fill(0), promptLength: 1 }));
const lengths = fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 80 });
const size = fc.integer({ min: 1, max: 9 });

Deno.test("batchOrder() puts every row into one batch, none above the size", () => {
  fc.assert(fc.property(lengths, size, size, fc.integer(), fc.nat(50), (lengths, batchSize, window, seed, epoch) => {
    const order = batchOrder(lengths, { batchSize, window, seed, epoch });
    assertEquals(order.flat().sort((a, b) => a - b), lengths.map((_, i) => i));
    assert(order.every((batch) => batch.length >= 1 && batch.length <= batchSize));
    assert(order.filter((batch) => batch.length < batchSize).length <= Math.ceil(lengths.length / batchSize / window));
  }));
});

Deno.test("batchOrder() groups rows by length: with one window, batches do not overlap", () => {
  fc.assert(fc.property(lengths, size, fc.integer(), (lengths, batchSize, seed) => {
    const order = batchOrder(lengths, { batchSize, seed, epoch: 0, window: 100 });
    const ranges = order.map((batch) => batch.map((i) => lengths[i]).sort((a, b) => a - b))
      .sort((a, b) => a[0] - b[0] || a.at(-1)! - b.at(-1)!);
    ranges.slice(1).forEach((range, i) => assert(range[0] >= ranges[i].at(-1)!));
  }));
});

Deno.test("batchOrder() differs from epoch to epoch and seed to seed; without regroup only in the order", () => {
  const many = Array.from({ length: 64 }, (_, i) => 2 + (i % 7));
  const order = (seed: number, epoch: number, regroup?: boolean) =>
    batchOrder(many, { batchSize: 4, seed, epoch, window: 4, regroup });
  const asSet = (batches: number[][]) => batches.map((batch) => batch.join()).sort();
  assert(asSet(order(1, 0)).join(" ") !== asSet(order(1, 1)).join(" "));
  assert(asSet(order(1, 0)).join(" ") !== asSet(order(2, 0)).join(" "));
  assertEquals(asSet(order(1, 0, false)), asSet(order(1, 5, false)));
  assert(order(1, 0, false).join(" ") !== order(1, 5, false).join(" "));
});

Deno.test("batches() resumes from any cursor as if it had never stopped", () => {
  fc.assert(fc.property(lengths, size, fc.integer(), fc.nat(30), (lengths, batchSize, seed, stop) => {
    const options = { batchSize, seed, window: 3 };
    const rows = rowsOf(lengths);
    const places = ({ rows: batch, next }: Batch) => ({ places: batch.map((row) => rows.indexOf(row)), next });
    const whole = [...batches(rows, options).take(stop + 5)].map(places);
    const cursor = whole[stop].next;
    assertEquals([...batches(rows, { ...options, cursor }).take(4)].map(places), whole.slice(stop + 1));
  }));
});

Deno.test("batches() returns the rows as batchOrder() orders them", () => {
  const rows = rowsOf([5, 3, 9]);
  const order = [0, 1].flatMap((epoch) => batchOrder([5, 3, 9], { batchSize: 2, seed: 0, epoch, window: 50 }));
  const all = [...batches(rows, { batchSize: 2, seed: 0 }).take(4)];
  assertEquals(all.map((batch) => batch.rows.map((row) => rows.indexOf(row))), order);
});

Deno.test("batches() refuses what makes no batches, naming it", () => {
  const first = (rows: Row[], options: Partial<Parameters<typeof batches>[1]>) => () =>
    batches(rows, { batchSize: 2, seed: 0, ...options }).next();
  const rows = rowsOf([3, 4, 5]);
  assertThrows(first([], {}), RangeError, "at least one row is needed");
  assertThrows(first(rows, { batchSize: 0 }), RangeError, "batchSize must be a whole number of at least 1");
  assertThrows(first(rows, { window: 1.5 }), RangeError, "current value is 1.5");
  assertThrows(first(rows, { cursor: { epoch: -1, position: 0 } }), RangeError, "epoch");
  assertThrows(first(rows, { cursor: { epoch: 0, position: 2 } }), RangeError, "position must be below 2");
  assertThrows(first(rows, { cursor: { epoch: 0, position: NaN } }), RangeError, "current value is NaN");
  assertThrows(first(rows, { seed: 0.5 }), RangeError, "current value is 0.5");
});
