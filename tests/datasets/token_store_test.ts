import fc from "fast-check";
import { batches } from "../../lib/batches/batches.ts";
import type { Row } from "../../lib/batches/row.ts";
import { encodeTokenStore } from "../../lib/datasets/encode_token_store.ts";
import { openTokenStore } from "../../lib/datasets/token_store.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

const folder = await Deno.makeTempDir();
const path = `${folder}/rows.tokens`;

async function write(rows: readonly Row[], pieces = 1, keys?: string[]): Promise<void> {
  const ids = rows.flatMap((row) => row.ids);
  const size = Math.ceil(ids.length / pieces);
  await writeAtomically(
    path,
    encodeTokenStore({
      lengths: rows.map((row) => row.ids.length),
      promptLengths: rows.map(({ promptLength }) => promptLength),
      ids: Array.from({ length: pieces }, (_, i) => Uint32Array.from(ids.slice(i * size, (i + 1) * size))),
      keys,
    }),
  );
}

const row = fc.array(fc.nat({ max: 70_000 }), { minLength: 2, maxLength: 9 })
  .chain((ids) => fc.integer({ min: 1, max: ids.length - 1 }).map((promptLength) => ({ ids, promptLength })));

Deno.test("openTokenStore() returns any rows, by place, in any order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 7 }), fc.integer({ min: 1, max: 3 }), async (rows, pieces) => {
      await write(rows, pieces);
      using store = openTokenStore(path);
      assertEquals(store.length, rows.length);
      assertEquals(store.tokens, rows.reduce((sum, { ids }) => sum + ids.length, 0));
      for (const index of rows.keys()) assertEquals(store.row(rows.length - 1 - index), rows[rows.length - 1 - index]);
      assertEquals(rows.map((_, index) => store.lengthOf(index)), rows.map(({ ids }) => ids.length));
    }),
    { numRuns: 40 },
  );
});

Deno.test("rows() is what an array of rows is to batches()", async () => {
  const rows = Array.from(
    { length: 9 },
    (_, i) => ({ ids: [i, 60_000 + i, 3, 4].slice(0, 2 + i % 3), promptLength: 1 }),
  );
  await write(rows);
  using store = openTokenStore(path);
  const view = store.rows();
  assertEquals([view.length, view[4], view[9], view.at(-1)], [9, rows[4], undefined, rows[8]]);
  assertEquals([...view], rows);
  assertEquals(view.map(({ ids }) => ids.length), rows.map(({ ids }) => ids.length));
  assertEquals(view.slice(2, 4), rows.slice(2, 4));
  const take = (rows: readonly Row[]) => [...batches(rows, { batchSize: 2, seed: 3 }).take(7)];
  assertEquals(take(view), take(rows));
  assertThrows(() => store.row(9), RangeError, "must be below 9, current value is 9");
  assertThrows(() => store.row(-1), RangeError, "current value is -1");
  assertThrows(() => void ((view as Row[])[0] = rows[1]), TypeError);
});

Deno.test("encodeTokenStore() takes two bytes a token where it can, and aligns all parts", async () => {
  await write([{ ids: [1, 65_535, 3], promptLength: 1 }]);
  assertEquals(Deno.statSync(path).size, 64 + 16 + 8 + 6);
  await write([{ ids: [1, 65_536, 3], promptLength: 1 }]);
  assertEquals(Deno.statSync(path).size, 64 + 16 + 8 + 12);
});

const good = [{ ids: [1, 2, 3], promptLength: 1 }, { ids: [4, 5], promptLength: 1 }];
const damages: [string, (bytes: Uint8Array) => Uint8Array, string][] = [
  ["an empty file", () => new Uint8Array(), "a store has at least 64 bytes, the file has 0"],
  ["another file", (bytes) => bytes.fill(65, 0, 8), "it is not a token store"],
  ["another version", (bytes) => bytes.fill(9, 8, 9), "its version must be 1 or 2, current value is 9"],
  ["another width", (bytes) => bytes.fill(3, 12, 13), "a token must have 2 or 4 bytes, current value is 3"],
  ["a short file", (bytes) => bytes.subarray(0, -1), "it must have 106 bytes for 2 rows and 5 tokens, it has 105"],
  ["a long file", (bytes) => Uint8Array.of(...bytes, 0), "it has 107"],
  ["more rows than there are", (bytes) => bytes.fill(255, 16, 22), "it must have"],
  ["a token changed", (bytes) => bytes.fill(7, 100, 101), "does not match its SHA-256"],
  ["an offset changed", (bytes) => bytes.fill(7, 72, 73), "does not match its SHA-256"],
];

for (const [what, damage, message] of damages) {
  Deno.test(`openTokenStore() refuses ${what}`, async () => {
    await write(good);
    await Deno.writeFile(path, damage(await Deno.readFile(path)));
    assertThrows(() => openTokenStore(path), SyntaxError, `Cannot read ${path}: `);
    assertThrows(() => openTokenStore(path), SyntaxError, message);
  });
}

Deno.test("openTokenStore() returns the keys of rows, and refuses a file in which one was changed", async () => {
  const keys = ["0123456789abcdef0123456789abcdef", "f".repeat(32)];
  await write(good, 1, keys);
  {
    using store = openTokenStore(path);
    assertEquals([store.hasKeys, store.keyOf(0), store.keyOf(1)], [true, ...keys]);
    assertEquals([...store.rows()], good);
  }
  await Deno.writeFile(path, (await Deno.readFile(path)).fill(7, 96, 97));
  assertThrows(() => openTokenStore(path), SyntaxError, "does not match its SHA-256");
  await write(good);
  using store = openTokenStore(path);
  assertEquals(store.hasKeys, false);
  assertThrows(() => store.keyOf(0), RangeError, "the store has no keys");
  await assertRejects(() => write(good, 1, ["ab"]), RangeError, "each of 2 rows must have a key of 32 hexadecimal");
});

Deno.test("openTokenStore() refuses rows that cannot be learnt from", async () => {
  for (const promptLength of [0, 3, 4]) {
    await write([{ ids: [1, 2, 3], promptLength }]);
    assertThrows(() => openTokenStore(path), SyntaxError, `its prompt has ${promptLength} of 3 tokens`);
  }
});
