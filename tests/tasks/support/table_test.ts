import { assertEquals, assertThrows } from "../../support/mod.ts";
import { formatTable } from "../../../tasks/support/table.ts";

Deno.test("formatTable() aligns texts left and numbers right", () => {
  const table = formatTable([["model", "loss", "rows"], ["teacher", 3.14159, 64], ["constant", undefined, 8]]);
  assertEquals(table.split("\n"), [
    "model     loss  rows",
    "────────  ────  ────",
    "teacher   3.14    64",
    "constant     –     8",
  ]);
});

Deno.test("formatTable() refuses rows of unequal length", () => {
  assertThrows(() => formatTable([["a", "b"], ["c"]]), RangeError, "row 1: 2 cells are needed, current count is 1");
});
