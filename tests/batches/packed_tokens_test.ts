import fc from "fast-check";
import { packTokens } from "../../lib/batches/packed_tokens.ts";
import { packedPlaces } from "../../lib/operations/mod.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

Deno.test("packTokens() keeps every id of every row at its packedPlaces(), and no beginning twice", () => {
  const row = fc.array(fc.nat(2), { minLength: 1, maxLength: 7 });
  const batch = fc.array(fc.record({ row, shareable: fc.nat(8) }), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(batch, (batch) => {
    const rows = batch.map(({ row }) => row), shareable = batch.map(({ shareable }) => shareable);
    const packed = packTokens(rows, { shareable });
    assertEquals(packed.rowLengths, rows.map((row) => row.length));
    const places = packedPlaces(packed);
    rows.forEach((row, index) => {
      assertEquals(places[index].map((at) => packed.ids[at]), row);
      assertEquals(places[index].map((at) => packed.positions[at]), row.map((_, place) => place));
      assert(packed.prefixes[index].length < row.length, "each row keeps an id of its own");
    });
    assertEquals(new Set(places.flat()).size, packed.ids.length);
    assertEquals(packed.ids.length, distinctBeginnings(rows, shareable));
  }));
});

/** Counts positions one by one: those that a row may share count where no earlier row has the same ones before. */
function distinctBeginnings(rows: number[][], shareable: number[]): number {
  const seen = new Set<string>();
  let count = 0;
  rows.forEach((row, index) => {
    let shares = true;
    row.forEach((_, place) => {
      const beginning = row.slice(0, place + 1).join();
      shares &&= place < Math.min(shareable[index], row.length - 1) && seen.has(beginning);
      if (!shares) count++;
    });
    row.forEach((_, place) => seen.add(row.slice(0, place + 1).join()));
  });
  return count;
}

Deno.test("packTokens() lets rows of two templates share what each has in common", () => {
  const rows = [[1, 2, 3, 9], [1, 7, 8, 9], [1, 2, 3, 5], [1, 7, 8, 4]];
  const packed = packTokens(rows, { shareable: [3, 3, 3, 3] });
  assertEquals(packed.prefixes, [[0, 0], [0, 1], [0, 3], [1, 3]].map(([row, length]) => ({ row, length })));
  assertEquals(packed.ids, new Int32Array([1, 2, 3, 9, 7, 8, 9, 5, 4]));
  assertEquals(packed.positions, new Int32Array([0, 1, 2, 3, 1, 2, 3, 3, 3]));
});

Deno.test("packTokens() shares nothing unless asked", () => {
  assertEquals(packTokens([[1, 2], [1, 2]]).ids, new Int32Array([1, 2, 1, 2]));
  assertEquals(packTokens([[1, 2], [1, 2]], { shareable: [9, 9] }).ids, new Int32Array([1, 2, 2]));
  assertEquals(packTokens([[4, 5]], { offsets: [7] }).positions, new Int32Array([7, 8]));
});

Deno.test("packTokens() refuses what are not rows of ids, naming the row", () => {
  assertThrows(() => packTokens([]), RangeError, "at least one row");
  assertThrows(() => packTokens([[1], []]), RangeError, "row 1 is empty");
  assertThrows(() => packTokens([[1], [0.5]]), RangeError, "current value is 0.5 at 0");
});
