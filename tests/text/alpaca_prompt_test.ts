import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { assert } from "../support/mod.ts";

Deno.test("alpacaPrompt() mentions an input only where there is one", () => {
  assert(!alpacaPrompt({ instruction: "Name a bird.", input: "" }).includes("input"));
  const prompt = alpacaPrompt({ instruction: "Name the bird.", input: "It is grey." });
  assert(prompt.includes("paired with an input") && prompt.includes("\n\n### Input:\nIt is grey.\n\n### Response:\n"));
});
