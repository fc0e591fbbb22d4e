/** Distillation from a teacher with another tokenizer. */
import { useEngine } from "../../lib/engines/mod.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as targets } from "../../tasks/targets.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, shortRunFlags } from "../support/playground.ts";

await useEngine("wasm");

/** A playground whose teacher has a tokenizer of its own beside it, with half of the merges and a chat template. */
async function scene() {
  const root = await playground();
  const { tokenizer, config } = await readTokenizerFiles("data/tokenizer");
  const specification = JSON.parse(tokenizer);
  specification.model.merges = specification.model.merges.slice(0, 1000);
  await Deno.writeTextFile(`${root}/teacher/tokenizer.json`, JSON.stringify(specification));
  const template = "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}[assistant] ";
  const chatting = JSON.stringify({ ...JSON.parse(config), chat_template: template });
  await Deno.writeTextFile(`${root}/teacher/tokenizer_config.json`, chatting);
  const flags = [...shortRunFlags(root), "--tokenizer", "data/tokenizer", "--validate-every", "end"];
  return { root, flags };
}

/** What a task says on both streams. */
async function said(run: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const [log, error] = [console.log, console.error];
  console.log = console.error = (text: string) => void lines.push(text);
  try {
    await run();
  } finally {
    [console.log, console.error] = [log, error];
  }
  return lines.join("\n");
}

Deno.test("task distill aligns a teacher with another tokenizer, says what share, resumes, and reports it", async () => {
  const { root, flags } = await scene();
  const run = (...more: string[]) => distill([...flags, "--name", "other", ...more], `${root}/runs`);
  const text = await said(() => run("--stop-after", "2"));
  assert(/another tokenizer: 100\.0 % of the response tokens .* [\d.]+ % are one token/.test(text), text);
  await assertRejects(() => run("--cross-tokenizer", "single", "--resume"), Error, "elsewhere");
  assertEquals(await run("--resume"), 0);
  const lines = await jsonLines(`${root}/runs/other/metrics.jsonl`);
  const steps = lines.filter(({ type }) => type === "step");
  assertEquals(steps.length, 6);
  assert(steps.every(({ metrics }) => (metrics as { alignedTokens: number }).alignedTokens === 1));
  const whole = await run("--overwrite");
  assertEquals(whole, 0);
  const again = (await jsonLines(`${root}/runs/other/metrics.jsonl`)).filter(({ type }) => type === "step");
  const losses = (list: typeof steps) => list.map(({ distillLoss }) => Number(distillLoss));
  assertAllClose(losses(again), losses(steps), { atol: 1e-6, rtol: 1e-6 });
  const result = JSON.parse(await Deno.readTextFile(`${root}/runs/other/result.json`));
  assert(result.teacherMeasures.alignedTokens === 1 && result.teacher.rougeL === undefined);
  assert((await Deno.readTextFile(`${root}/runs/other/report.html`)).includes("The teacher has another tokenizer"));
  for (const rule of ["uld", "single"]) {
    const flagged = ["--cross-tokenizer", rule, "--teacher-top-k", "8", "--name", rule];
    assertEquals(await distill([...flags, ...flagged], `${root}/runs`), 0);
    const other = JSON.parse(await Deno.readTextFile(`${root}/runs/${rule}/result.json`));
    assertAllClose(other.teacher.validLoss, result.teacher.validLoss, { atol: 1e-4, rtol: 0 });
  }
  for (const policy of ["on", "mixed"]) {
    const written = ["--policy", policy, "--max-new-tokens", "4", "--name", policy, "--objective", "reverse-kl"];
    assertEquals(await distill([...flags, ...written], `${root}/runs`), 0);
  }
});

Deno.test("task distill refuses another tokenizer where it is told to, and what cannot be aligned", async () => {
  const { root, flags } = await scene();
  const run = (...more: string[]) => distill([...flags, "--name", "off", ...more], `${root}/runs`);
  await assertRejects(() => run("--cross-tokenizer", "off"), UsageError, "--cross-tokenizer span aligns the two");
  await assertRejects(() => run("--cross-tokenizer", "span", "--teacher-top-k", "5000"), UsageError, "common tokens");
  const packing = ["--teacher", `${root}/teacher`, "--student", `${root}/student`, "--data", root, "--engine", "wasm"];
  const pack = () => targets([...packing, "--tokenizer", "data/tokenizer"], `${root}/runs`);
  await assertRejects(pack, UsageError, "rows are made by --tokenizer");
});
