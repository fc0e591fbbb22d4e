import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { readInstructions } from "../../lib/datasets/instruction_file.ts";
import { assert, assertEquals, testWithShared } from "../support/mod.ts";

testWithShared("data/dolly/dev.jsonl", "alpacaPrompt() gives the prompts of the official Dolly rows", async (file) => {
  const rows = await readInstructions(file.pathname);
  assertEquals(rows.length, 1000);
  for (const row of rows) assertEquals(alpacaPrompt(row), row.prompt);
});

Deno.test("alpacaPrompt() speaks of an input only where there is one", () => {
  assert(!alpacaPrompt({ instruction: "Name a bird.", input: "" }).includes("input"));
  const prompt = alpacaPrompt({ instruction: "Name the bird.", input: "It is grey." });
  assert(prompt.includes("paired with an input") && prompt.includes("\n\n### Input:\nIt is grey.\n\n### Response:\n"));
});
