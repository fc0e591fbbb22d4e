/** Tasks on models with a short context, without any flag of length or tokenizer. */
import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/save_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main as bench } from "../../tasks/bench.ts";
import { main as data } from "../../tasks/data.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as evaluate } from "../../tasks/evaluate.ts";
import { main as pseudoTargets } from "../../tasks/pseudo_targets.ts";
import { main as select } from "../../tasks/select.ts";
import { main as sft } from "../../tasks/sft.ts";
import { tokenizerFolderOf } from "../../tasks/support/tokenizer_folder.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { playground, playgroundFlags } from "../support/playground.ts";

await useEngine("wasm");

const engine = ["--engine", "wasm"];
const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));

Deno.test("evaluate, select, pseudo-targets, data and sft work with a context of 96 behind a run, by their defaults", async () => {
  const root = await playground();
  const runs = `${root}/runs`;
  assertEquals(await distill([...playgroundFlags(root), "--name", "short"], runs), 0);
  const student = `${runs}/short/student`;
  await evaluate(["--model", student, "--data", root, ...engine], runs);
  const long = JSON.stringify({ instruction: "Name a wader. ".repeat(80), output: "heron" });
  await Deno.writeTextFile(`${root}/long.jsonl`, `${long}\n${await Deno.readTextFile(`${root}/test.jsonl`)}`);
  const sets = ["--sets", `own=${root},long=${root}/long.jsonl,wordnet`, "--limit", "3", "--seeds", "1"];
  await evaluate(["--models", `a=${student},b=${root}/teacher`, ...sets, ...engine], runs);
  const scores = await readJson(`${runs}/evaluation/scores.json`);
  assertEquals(scores.map(({ set }: { set: string }) => set), ["own", "long", "wordnet", "own", "long", "wordnet"]);
  // An untrained model of 4096 tokens ends one answer in a hundred: the unfinished ones are counted and said.
  assert(scores.every(({ count, unfinished }: Record<string, number>) => count === 3 && unfinished > 0));
  const table = await Deno.readTextFile(`${runs}/evaluation/table.md`);
  assert(/b, wordnet: [1-3] of 3 answers reached the maximum length without an end token\./.test(table), table);
  await select(["--run", `${runs}/short`, ...engine]);
  await pseudoTargets(["--teacher", student, "--data", root, "--name", "seq", ...engine], runs);
  assertEquals((await readJson(`${runs}/seq/result.json`)).rows, 4);
  await sft(
    ["--model", student, "--data", root, "--steps", "2", "--name", "tuned", "--batch-size", "2", ...engine],
    runs,
  );
  assertEquals((await readJson(`${runs}/tuned/config.json`)).data.tokenizer, student);
  const flags = ["birds", "--input", `${root}/train.jsonl`, "--output", `${root}/prepared`, "--workers", "0"];
  await data([...flags, "--model", `${root}/teacher`]);
  const { options } = (await readJson(`${root}/prepared/manifest.json`)).recipe;
  assertEquals([options.maxPromptLength, options.maxLength], [72, 96]);
});

Deno.test("a flag that exceeds the context is refused by each task, with flag and context named", async () => {
  const root = await playground();
  const own = ["--data", root, ...engine];
  const model = ["--model", `${root}/teacher`];
  const onPolicy = [...playgroundFlags(root), "--policy", "on", "--max-new-tokens", "96"];
  await Deno.mkdir(`${root}/run`);
  await Deno.writeTextFile(`${root}/run/config.json`, JSON.stringify({ data: root, tokenizer: "data/tokenizer" }));
  await saveModel(
    initializeModel({ model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 8, n_layer: 1, n_head: 2 }, {
      seed: 1,
    }),
    `${root}/run/student`,
  );
  const input = ["x", "--input", `${root}/train.jsonl`, "--output", `${root}/x`];
  const cases: [() => Promise<unknown>, string][] = [
    [() => evaluate([...model, ...own, "--max-new-tokens", "200"], root), "--max-new-tokens must be below"],
    [() => evaluate([...model, "--sets", root, "--max-length", "97", ...engine], root), "--max-length must be at most"],
    [
      () => evaluate([...model, "--sets", root, "--max-prompt-length", "96", ...engine], root),
      "--max-prompt-length must be below",
    ],
    [() => select(["--run", `${root}/run`, "--max-length", "512", ...engine]), "--max-length must be at most"],
    [
      () => pseudoTargets(["--teacher", `${root}/teacher`, ...own, "--max-prompt-length", "256"], root),
      "--max-prompt-length must be at most",
    ],
    [() => distill(onPolicy, `${root}/runs`), "--max-new-tokens must be below"],
    [() => data([...input, ...model, "--max-length", "128"]), "--max-length must be at most"],
  ];
  for (const [task, part] of cases) {
    await assertRejects(task, Error, `${part} the model's context of 96, current value`);
  }
  const tooLong = ["generate", "--model", "student", "--prompt-length", "1000", "--new-tokens", "25"];
  await assertRejects(
    () => bench(tooLong),
    Error,
    "--new-tokens 25: together they must be at most the model's context of 1024",
  );
});

Deno.test("tokenizerFolderOf() takes the flag, the model's own, that of the next model, else the built-in one", async () => {
  const root = await playground();
  const [teacher, student] = [`${root}/teacher`, `${root}/student`];
  assertEquals(await tokenizerFolderOf("mine", [student, teacher]), "mine");
  assertEquals(await tokenizerFolderOf(undefined, [student, teacher]), "data/tokenizer");
  assertEquals(await tokenizerFolderOf(undefined, []), "data/tokenizer");
  await (await loadTokenizer("data/tokenizer")).save(teacher);
  assertEquals(await tokenizerFolderOf(undefined, [student, teacher]), teacher);
  await Deno.writeTextFile(
    `${root}/adapter_config.json`,
    JSON.stringify({
      peft_type: "LORA",
      r: 1,
      lora_alpha: 1,
      target_modules: ["c_attn"],
      base_model_name_or_path: teacher,
    }),
  );
  assertEquals(await tokenizerFolderOf(undefined, [root]), teacher);
  await Deno.writeTextFile(`${student}/tokenizer.model`, "");
  assertEquals(await tokenizerFolderOf(undefined, [student, teacher]), teacher);
  assertEquals(await tokenizerFolderOf(undefined, [student]), student);
  await assertRejects(
    () => evaluate(["--model", student, "--data", root]),
    Error,
    "the folder has tokenizer.model, which Python converts",
  );
  const sizes = { model_type: "gpt2", vocab_size: 5000, n_positions: 8, n_embd: 8, n_layer: 1, n_head: 2 };
  await saveModel(initializeModel(sizes, { seed: 1 }), `${root}/other`);
  const message =
    `the tokenizer of ${root}/other: no tokenizer.json with tokenizer_config.json is beside it, and data/tokenizer has 4096 ` +
    "tokens while the model has 5000; set its folder with --tokenizer";
  await assertRejects(() => tokenizerFolderOf(undefined, [`${root}/other`]), Error, message);
});
