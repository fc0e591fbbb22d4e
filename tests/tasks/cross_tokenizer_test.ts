/** Distillation from a teacher with another tokenizer. */
import { useEngine } from "../../lib/engines/mod.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { TeacherError } from "../../lib/teachers/teacher_error.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as targets } from "../../tasks/targets.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, shortRunFlags } from "../support/playground.ts";
import { FakeServer } from "../teachers/served/fake_server.ts";

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
});

Deno.test("task distill aligns a teacher with another tokenizer on a server, and one of which targets are left", async () => {
  const { root, flags } = await scene();
  const tokens = await loadTokenizer(`${root}/teacher`);
  await using server = new FakeServer("vllm", await loadModel(`${root}/teacher`), { tokens });
  const common = flags.slice(2);
  const named = ["--teacher-tokenizer", `${root}/teacher`];
  const top = ["--teacher-top-k", "4000"];
  const run = (name: string, ...more: string[]) => distill([...common, ...more, "--name", name], `${root}/runs`);
  const losses = async (name: string) =>
    (await jsonLines(`${root}/runs/${name}/metrics.jsonl`)).flatMap(({ distillLoss }) => distillLoss ?? []) as number[];
  assertEquals(await run("local", "--teacher", `${root}/teacher`, "--cross-tokenizer", "span", ...top), 0);
  const text = await said(() => run("served", "--teacher", server.address, ...named, ...top));
  assert(text.includes("another tokenizer: 100.0 % of the response tokens"), text);
  assertAllClose(await losses("served"), await losses("local"), { atol: 1e-4, rtol: 1e-4 });
  const few = ["--teacher-top-k", "32"];
  assertEquals(await run("few", "--teacher", server.address, ...named, ...few, "--stop-after", "3"), 130);
  assertEquals(await run("few", "--teacher", server.address, ...named, ...few, "--resume"), 0);

  const places = { folder: [`${root}/teacher`], server: [server.address, ...named] };
  for (const [name, [place, ...more]] of Object.entries(places)) {
    const rows = common.slice(0, 4);
    const packing = [
      "--teacher",
      place,
      ...more,
      ...rows,
      "--tokenizer",
      "data/tokenizer",
      "--name",
      name,
      "--bits",
      "16",
    ];
    assertEquals(await targets([...packing, ...few], `${root}/runs`), 0);
    assertEquals(await run(`from-${name}`, "--teacher", `${root}/runs/${name}`), 0);
    assertAllClose(await losses(`from-${name}`), await losses("few"), { atol: 1e-4, rtol: 1e-4 });
  }
  const unnamed = () => run("unnamed", "--teacher", server.address);
  await assertRejects(unnamed, TeacherError, "--teacher-tokenizer");
  const off = () => run("off", "--teacher", server.address, ...named, "--cross-tokenizer", "off");
  await assertRejects(off, UsageError, "--cross-tokenizer span aligns the two");
  const sampled = ["--teacher", `${root}/teacher`, ...common.slice(0, 4), "--tokenizer", "data/tokenizer"];
  const tail = () => targets([...sampled, "--teacher-tail", "sample", "--name", "tail"], `${root}/runs`);
  await assertRejects(tail, UsageError, "must be exact");
});
