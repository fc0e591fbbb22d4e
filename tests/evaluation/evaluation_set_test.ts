import { readEvaluationSet } from "../../lib/evaluation/evaluation_set.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { assertEquals, assertRejects } from "../support/mod.ts";

const line = (fields: Record<string, unknown>) =>
  JSON.stringify({ instruction: "Name one.", output: "oak", ...fields });

Deno.test("readEvaluationSet() reads a file, and of a folder test.jsonl before valid.jsonl", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/valid.jsonl`, `${line({ output: ["a", "b"] })}\n${line({ kind: "tree" })}\n`);
  const set = await readEvaluationSet(folder, { name: "trees" });
  assertEquals([set.name, set.path], ["trees", `${folder}/valid.jsonl`]);
  assertEquals(set.rows.map(({ outputs, kind }) => [outputs, kind]), [[["a", "b"], undefined], [["oak"], "tree"]]);
  await Deno.writeTextFile(`${folder}/test.jsonl`, line({ output: "c" }));
  assertEquals((await readEvaluationSet(folder, { name: "trees" })).rows[0].outputs, ["c"]);
  assertEquals((await readEvaluationSet(`${folder}/valid.jsonl`, { name: "t", limit: 1 })).rows.length, 1);
});

Deno.test("readEvaluationSet() takes the file's own prompts, or makes them by a template", async () => {
  const path = `${await Deno.makeTempDir()}/set.jsonl`;
  await Deno.writeTextFile(path, `${line({ prompt: "Q: Name one.\nA:" })}\n${line({ input: "trees" })}`);
  const own = await readEvaluationSet(path, { name: "set" });
  const alpaca = alpacaPrompt({ instruction: "Name one.", input: "trees" });
  assertEquals(own.rows.map(({ prompt }) => prompt), ["Q: Name one.\nA:", alpaca]);
  const made = await readEvaluationSet(path, { name: "set", template: alpacaPrompt });
  assertEquals(made.rows.map(({ prompt }) => prompt), [alpacaPrompt({ instruction: "Name one." }), alpaca]);
});

Deno.test("readEvaluationSet() names the set, the file and the line that it cannot use", async () => {
  const folder = await Deno.makeTempDir();
  const attempt = (path: string) => () => readEvaluationSet(path, { name: "birds" });
  await assertRejects(attempt(`${folder}/none`), Error, `the set birds: there is no ${folder}/none`);
  await assertRejects(attempt(folder), Error, "must hold test.jsonl or valid.jsonl, it holds no file");
  await Deno.writeTextFile(`${folder}/test.jsonl`, `${line({})}\n${line({ output: [] })}`);
  await assertRejects(attempt(folder), Error, "test.jsonl, line 2: output must be a string or a list");
});
