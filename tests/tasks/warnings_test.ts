/** What task distill says before its first step of a teacher that ends otherwise, or has nothing to teach. */
import { useEngine } from "../../lib/engines/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main } from "../../tasks/distill.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { jsonLines, playground, playgroundFlags } from "../support/playground.ts";

await useEngine("wasm");

/** Runs the task; what it said by console.error, and what it printed. */
async function run(args: readonly string[], root: string): Promise<{ said: string[]; printed: string[] }> {
  const [error, log] = [console.error, console.log];
  const [said, printed]: string[][] = [[], []];
  console.error = (text) => said.push(String(text));
  console.log = (text) => printed.push(String(text));
  try {
    assertEquals(await main(args, root), 0);
    return { said, printed };
  } finally {
    [console.error, console.log] = [error, log];
  }
}

/** Gives a model of the playground these end tokens. */
const endWith = (folder: string, ends: unknown) =>
  Deno.writeTextFile(`${folder}/generation_config.json`, JSON.stringify({ eos_token_id: ends }));

Deno.test("task distill warns before the first step of ends that differ, those of the teacher's own tokenizer too", async () => {
  const root = await playground();
  const { endToken } = await loadTokenizer("data/tokenizer");
  const warningOf = async (name: string) => {
    await run(
      [...playgroundFlags(root), "--name", name, "--tokenizer", "data/tokenizer", "--test-rows", "2"],
      `${root}/runs`,
    );
    const lines = await jsonLines(`${root}/runs/${name}/metrics.jsonl`);
    const ends = lines.findIndex(({ type, message }) =>
      type === "warning" && String(message).startsWith("end tokens differ")
    );
    assert(ends < lines.findIndex(({ type }) => type === "step"));
    return ends < 0 ? undefined : String(lines[ends].message);
  };
  await endWith(`${root}/student`, endToken);
  await endWith(`${root}/teacher`, [endToken, 392]);
  const message = await warningOf("models");
  assert(
    /the teacher's answers end with token 4095 "<\|endoftext\|>" or 392 ".*", the student's end/.test(message!),
    message,
  );
  await endWith(`${root}/teacher`, endToken);
  assertEquals(await warningOf("same"), undefined);
  const tokenizer = await loadTokenizer("data/tokenizer");
  await tokenizer.save(`${root}/teacher`);
  const { vocab } = tokenizer.specification.model as { vocab: Record<string, number> };
  const token = Object.keys(vocab).find((text) => vocab[text] === 65);
  await Deno.writeTextFile(`${root}/teacher/tokenizer_config.json`, JSON.stringify({ eos_token: token }));
  assert((await warningOf("own"))!.includes(`the teacher's answers end with token 4095 "<|endoftext|>" or 65 `));
});

Deno.test("task distill warns of a teacher that has nothing to teach, before training, at the end and in the report", async () => {
  const root = await playground();
  const { said, printed } = await run([...playgroundFlags(root), "--name", "weak"], `${root}/runs`);
  const warning = said.find((text) => text.includes("points below that of constant answers"));
  assert(warning !== undefined && /^warning: the teacher's ROUGE-L of 0.0 is \d/.test(warning), said.join("\n"));
  const summary = printed.join("\n");
  assert(summary.includes(warning) && /is \d+\.\d below constant answers, in/.test(summary), summary);
  const report = await Deno.readTextFile(`${root}/runs/weak/report.html`);
  assert(report.includes("The teacher&#39;s ROUGE-L of 0.0 is") && report.includes("ROUGE-L below constant answers"));
  // Untrained models seldom end: the count is in result.json, the summary and the report.
  const { student } = JSON.parse(await Deno.readTextFile(`${root}/runs/weak/result.json`));
  assert(student.answered === 4 && student.unfinished > 0);
  const note = `${student.unfinished} of the student's 4 answers reached the longest length without an end`;
  assert(summary.includes(note) && report.includes(note.replaceAll("'", "&#39;")));
});
