import fc from "fast-check";
import { packTokens, rowOffsets } from "../../lib/models/packed_tokens.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";

Deno.test("packTokens() keeps every id of every row where rowOffsets() says, the shared prefix once", () => {
  const row = fc.array(fc.nat(9), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(row, fc.array(row, { minLength: 1, maxLength: 4 }), fc.nat(8), (prefix, ends, longest) => {
    const rows = ends.map((end) => [...prefix, ...end]);
    const packed = packTokens(rows, { longestPrefix: longest });
    const offsets = rowOffsets(packed);
    rows.forEach((row, index) =>
      row.forEach((id, place) => {
        const at = place < packed.prefixLength ? place : offsets[index] + place;
        assertEquals([packed.ids[at], packed.positions[at]], [id, place]);
      })
    );
    assertEquals(packed.rowLengths, rows.map((row) => row.length));
    const total = rows.reduce((sum, row) => sum + row.length - packed.prefixLength, packed.prefixLength);
    assertEquals(packed.ids.length, total);
    if (rows.length > 1 && longest >= prefix.length) return packed.prefixLength >= Math.min(longest, prefix.length);
    return packed.prefixLength <= longest;
  }));
});

Deno.test("packTokens() shares nothing unless asked, and leaves each row an id of its own", () => {
  assertEquals(packTokens([[1, 2], [1, 2]]).prefixLength, 0);
  assertEquals(packTokens([[1, 2], [1, 2]], { longestPrefix: Infinity }).prefixLength, 1);
  assertEquals(packTokens([[4, 5]], { offsets: [7] }).positions, new Int32Array([7, 8]));
});

Deno.test("packTokens() refuses what are no rows of ids, naming the row", () => {
  assertThrows(() => packTokens([]), RangeError, "at least one row");
  assertThrows(() => packTokens([[1], []]), RangeError, "row 1 is empty");
  assertThrows(() => packTokens([[1], [0.5]]), RangeError, "current value is 0.5 at 0");
});
