import fc from "fast-check";
import { batches } from "../../lib/batches/batches.ts";
import { type Row, rowKey } from "../../lib/batches/row.ts";
import { balancedShares, lastingShares } from "../../lib/batches/row_shares.ts";
import { companies } from "../../lib/teachers/companies.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { tinyRows } from "../support/tiny_model.ts";

const ranksOf = (size: number) => Array.from({ length: size }, (_, rank) => ({ rank, size }));
const keys = (rows: readonly Row[]) => rows.map(rowKey).sort();

Deno.test("balancedShares() gives each row to one rank, with about as many tokens each", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 7 }), (count, size) => {
    const rows = tinyRows(count, { seed: count });
    const shares = ranksOf(size).map((place) => balancedShares(place)(rows));
    assertEquals(keys(shares.flat()), keys(rows));
    const tokens = shares.map((share) => share.reduce((sum, { ids }) => sum + ids.length, 0));
    const longest = Math.max(...rows.map(({ ids }) => ids.length));
    assert(Math.max(...tokens) - Math.min(...tokens) <= longest);
  }));
});

Deno.test("lastingShares() gives a row to the same rank in every epoch, and balances the first one", () => {
  const rows = tinyRows(23);
  const order = { batchSize: 6, seed: 4, window: 1 };
  const shares = ranksOf(3).map((communicator) => lastingShares(rows, { ...order, communicator }));
  const owner = new Map<string, number>();
  let seen = 0;
  for (const batch of batches(rows, order)) {
    const parts = shares.map((share) => share(batch.rows));
    assertEquals(keys(parts.flat()), keys(batch.rows));
    for (const [rank, part] of parts.entries()) {
      for (const row of part) {
        if (owner.has(rowKey(row))) assertEquals(owner.get(rowKey(row)), rank);
        owner.set(rowKey(row), rank);
      }
    }
    if (seen === 0) {
      const tokens = parts.map((part) => part.reduce((sum, { ids }) => sum + ids.length, 0));
      assert(Math.max(...tokens) - Math.min(...tokens) <= Math.max(...batch.rows.map(({ ids }) => ids.length)));
    }
    if (++seen === 12) break; // three epochs
  }
  assertEquals(new Set(owner.values()).size, 3);
});

Deno.test("lastingShares() deals rows that it does not know by their length, and companies stay within a share", () => {
  const rows = tinyRows(12);
  const order = { batchSize: 6, seed: 4, window: 1 };
  const others = tinyRows(5, { seed: 99 });
  const places = ranksOf(2);
  const shares = places.map((communicator) => lastingShares(rows, { ...order, communicator }));
  assertEquals(keys(shares.flatMap((share) => share(others))), keys(others));
  for (const share of shares) {
    const companyOf = companies(rows, { ...order, shares: share });
    const own = new Set(share(rows).map(rowKey));
    for (const row of rows) {
      const company = companyOf(row);
      assertEquals(company !== undefined, own.has(rowKey(row)));
      assert((company ?? []).every((other) => own.has(rowKey(other))));
    }
  }
});
