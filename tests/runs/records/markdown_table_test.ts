import { markdownTable } from "../../../lib/runs/records/markdown_table.ts";
import { assertEquals, assertThrows } from "../../support/mod.ts";

Deno.test("markdownTable() aligns numbers, escapes bars, and shows nothing as a dash", () => {
  assertEquals(
    markdownTable(["a", "b"], [["KL(p|r)", "1"], ["x", undefined]]),
    "| a | b |\n| --- | ---: |\n| KL(p\\|r) | 1 |\n| x | – |",
  );
  assertThrows(() => markdownTable(["a"], [["x", "y"]]), RangeError, "current count is 2");
});
