import { loadCorpus } from "../../lib/datasets/corpus.ts";
import { assertEquals } from "../support/mod.ts";

Deno.test("loadCorpus() returns what is asked beside the prompt, without the template around it", async () => {
  const folder = await Deno.makeTempDir();
  const rows = [
    { instruction: "Name a wader.", input: "", output: "heron" },
    { instruction: "Name a wader.", input: "It is grey.", output: "heron" },
    { messages: [{ role: "user", content: "Which?" }, { role: "assistant", content: "heron" }] },
    // As a prepared folder has it: the prompt as a chat template renders it.
    { instruction: "Which?", input: "", prompt: "<|im_start|>user\nWhich?<|im_end|>\n", output: "heron" },
    { prompt: "A wader is the", completion: " heron" },
  ];
  await Deno.writeTextFile(`${folder}/test.jsonl`, rows.map((row) => JSON.stringify(row) + "\n").join(""));
  const { test } = await loadCorpus(folder, { counts: { test: 5 }, seed: 1 });
  const questions = test.map(({ question }) => question ?? "none").sort();
  assertEquals(questions, ["Name a wader.", "Name a wader.\n\nIt is grey.", "Which?", "Which?", "none"]);
  await Deno.remove(folder, { recursive: true });
});
