import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { rowsWithCuts } from "../../../tasks/support/count_cuts.ts";
import { assertEquals } from "../../support/mod.ts";

const tokenizer = await loadTokenizer("data/tokenizer");

Deno.test("rowsWithCuts() says how many prompts and responses were cut, and nothing where none was", () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const text = (prompt: string, response: string) => ({ kind: "", prompt, outputs: [response] });
  const long = "far ".repeat(600) + "\n";
  rowsWithCuts([text("a\n", "b")], tokenizer, say);
  assertEquals(said, []);
  const rows = rowsWithCuts([text("a\n", "b"), text(long, "b"), text("a\n", long), text(long, long)], tokenizer, say);
  assertEquals(rows.map(({ ids }) => ids.length <= 512), [true, true, true, true]);
  const expected = "of 4 rows, 2 prompts are cut to 256 tokens, 2 responses so that the row has 512; ";
  assertEquals(said, [expected + '"deno task data" can leave them out']);
});
