import fc from "fast-check";
import type { Row } from "../../lib/batches/row.ts";
import { TokenContext } from "../../lib/objectives/mod.ts";
import { trainingBatch } from "../../lib/batches/training_batch.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";

const row = fc.record({
  prompt: fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }),
  response: fc.array(fc.nat(50), { minLength: 1, maxLength: 5 }),
  source: fc.option(fc.constantFrom("student", "buffer", "wiki"), { nil: undefined }),
  grade: fc.integer({ min: -9, max: 9 }),
}).map(({ prompt, response, source, grade }): Row => {
  return { ids: [...prompt, ...response], promptLength: prompt.length, source, fields: { grade, good: grade > 0 } };
});

Deno.test("TokenContext() of any slice of slices is that slice of what the rows' responses are", () => {
  const cut = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), fc.array(cut, { maxLength: 3 }), (rows, cuts) => {
      let all = rows.flatMap((row) =>
        row.ids.map((id, place) => ({ id, place, row })).filter(({ place }) => place >= row.promptLength)
      );
      let tokens = new TokenContext(rows);
      // What is predicted is what the training step predicts, in its order.
      assertEquals(tokens.ids, trainingBatch(rows).labels);
      for (const [from, share] of cuts) {
        const start = Math.floor(from * all.length), size = Math.floor(share * (all.length - start));
        [all, tokens] = [all.slice(start, start + size), tokens.slice(start, size)];
      }
      assertEquals(tokens.size, all.length);
      assertEquals([...tokens.ids], all.map(({ id }) => id));
      assertEquals([...tokens.positions], all.map(({ place, row }) => place - row.promptLength));
      assertEquals([...tokens.rowPositions], all.map(({ place }) => place));
      assertEquals(tokens.rows, all.map(({ row }) => row));
      assertEquals(tokens.sources, all.map(({ row }) => row.source ?? "corpus"));
      assertEquals([...tokens.field("grade")], all.map(({ row }) => row.fields!.grade));
      assertEquals([...tokens.field("good")], all.map(({ row }) => Number(row.fields!.good)));
    }),
    { numRuns: 200, seed: 20 },
  );
});

Deno.test("TokenContext() names the row that lacks a field, or has no number in it", () => {
  const rows: Row[] = [
    { ids: [1, 2], promptLength: 1, fields: { grade: 1, language: 4 } },
    { ids: [1, 2], promptLength: 1, fields: { grade: "A" } },
  ];
  const tokens = new TokenContext(rows);
  assertThrows(() => tokens.field("grade"), TypeError, `the field "grade" of row 1: it must be a number`);
  assertThrows(() => tokens.field("grade"), TypeError, `current value is "A"`);
  assertThrows(() => tokens.field("language"), TypeError, `the field "language" of row 1`);
  assertEquals([...tokens.slice(0, 1).field("language")], [4]);
  assertThrows(() => new TokenContext([{ ids: [1, 2], promptLength: 1 }]).field("grade"), TypeError, "it is absent");
});
