/** The lengths of packed rows, and rows packed again without what they share. */
import { packTokens } from "../../lib/batches/packed_tokens.ts";
import { lengthsOfRows, withoutPrefixes } from "../../lib/batches/rows_of_tokens.ts";
import { assertEquals } from "../support/mod.ts";

const rows = [[1, 2, 3], [1, 2, 4, 5, 6], [9]];
const shared = packTokens(rows, { shareable: [2, 2, 2], unread: [1, 1, 0] });

Deno.test("lengthsOfRows() counts a row's prefix, what a cache holds of it, and what is not read", () => {
  assertEquals([...lengthsOfRows(shared)], [4, 4, 4, 6, 6, 6, 1]);
  assertEquals([...lengthsOfRows(packTokens([[7], [8]], { offsets: [4, 0] }))], [5, 1]);
});

Deno.test("withoutPrefixes() gives each row its own beginning, and reports where positions have gone", () => {
  const { tokens, places } = withoutPrefixes(shared);
  assertEquals(tokens, packTokens(rows, { unread: [1, 1, 0] }));
  assertEquals(places, [0, 1, 2, 5, 6, 7, 8]);
  assertEquals(places.map((place) => tokens.ids[place]), [...shared.ids]);
});
