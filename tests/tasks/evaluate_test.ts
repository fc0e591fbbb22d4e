import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main } from "../../tasks/evaluate.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

/** Two small models with their tokenizer, and two sets. */
async function playground(): Promise<string> {
  const root = await Deno.makeTempDir();
  const tokenizer = await loadTokenizer("data/tokenizer");
  const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2 };
  for (const [seed, name] of ["teacher", "student"].entries()) {
    await saveModel(initializeModel(sizes, { seed }), `${root}/${name}/model`);
    await tokenizer.save(`${root}/${name}/model`);
  }
  const line = (bird: string) => JSON.stringify({ instruction: `Name a wader like ${bird}.`, output: [bird, "bird"] });
  for (const set of ["waders", "others"]) {
    await Deno.mkdir(`${root}/${set}`);
    await Deno.writeTextFile(`${root}/${set}/valid.jsonl`, ["heron", "stork", set].map(line).join("\n"));
  }
  return root;
}

const flagsOf = (root: string) => [
  "--models",
  `${root}/teacher/model,own=${root}/student/model`,
  "--sets",
  `${root}/waders,${root}/others`,
  "--seeds",
  "10,20",
  "--max-length",
  "72",
  "--max-prompt-length",
  "64",
  "--engine",
  "wasm",
];

const modified = async (path: string) => (await Deno.stat(path)).mtime!.getTime();

Deno.test("task evaluate --sets keeps answers, writes one table in three formats, and skips what is done", async () => {
  const root = await playground();
  await main(flagsOf(root), `${root}/runs`);
  const folder = `${root}/runs/evaluation`;
  const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
  const [markdown, csv, html] = await Promise.all(["table.md", "table.csv", "table.html"].map(read));
  assert(markdown.includes("| model | waders | others | average |") && markdown.includes("over seeds 10, 20"));
  assertEquals(csv.trim().split("\r\n").length, 1 + 2 * 2 * 3);
  assert(html.includes('<th scope="row">own</th>'));
  const scores: { model: string; set: string; seed: number; rougeL: number }[] = JSON.parse(await read("scores.json"));
  assertEquals(scores.length, 8);
  const answers = (await read("answers/own/others/seed-20.jsonl")).trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(answers.map(({ references }) => references[0]), ["heron", "stork", "others"]);
  const mean = answers.reduce((sum, { rougeL }) => sum + rougeL, 0) / 3;
  assertEquals(scores.find(({ model, set, seed }) => model === "own" && set === "others" && seed === 20)!.rougeL, mean);

  const before = await modified(`${folder}/answers/own/others/seed-20.jsonl`);
  const files = ["own", "teacher"].map((model) => `${folder}/answers/${model}/waders/seed-10.jsonl`);
  const [own, teacher] = await Promise.all(files.map(modified));
  const other = initializeModel(
    { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2 },
    { seed: 9 },
  );
  await saveModel(other, `${root}/student/model`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await main([...flagsOf(root), "--batch-size", "1"], `${root}/runs`);
  assert(await modified(`${folder}/answers/own/others/seed-20.jsonl`) > before, "another model answers again");
  assert(await modified(files[0]) > own && await modified(files[1]) === teacher, "the same model is not asked again");
});

Deno.test("task evaluate gives the same answers at every batch size", async () => {
  const root = await playground();
  const run = async (name: string, size: string) => {
    await main([...flagsOf(root), "--name", name, "--batch-size", size], `${root}/runs`);
    return await Deno.readTextFile(`${root}/runs/${name}/answers/own/waders/seed-10.jsonl`);
  };
  assertEquals(await run("one", "1"), await run("three", "3"));
});

Deno.test("task evaluate refuses invalid settings, naming the flag or the file", async () => {
  const root = await playground();
  const cases: [string[], string][] = [
    [["--sets", `${root}/nowhere`], "there is no"],
    [["--seeds", "10,ten"], "--seeds"],
    [["--models", `a=${root}/nowhere`], "nowhere"],
    [["--model", `${root}/teacher/model`], "it has an effect only with no --models"],
    [["--test-rows", "3"], "--test-rows 3: it has an effect only with no --sets"],
    [["--max-length", "97"], "--max-length must be at most the model's context of 96, current value is 97"],
    [["--name", "../escape"], "../escape"],
    [["--top-p", "0"], "--top-p"],
  ];
  for (const [flags, part] of cases) {
    await assertRejects(() => main([...flagsOf(root), ...flags], `${root}/runs`), Error, part);
  }
  await assertRejects(
    () => main(["--seeds", "10"], `${root}/runs`),
    Error,
    "--seeds 10: it has an effect only with --sets",
  );
});

Deno.test("task evaluate scores one model on a corpus, and writes its answers", async () => {
  const root = await playground();
  await Deno.copyFile(`${root}/waders/valid.jsonl`, `${root}/waders/test.jsonl`);
  const flags = ["--model", `${root}/teacher/model`, "--data", `${root}/waders`, "--max-new-tokens", "4"];
  await main([...flags, "--answers", `${root}/new/answers.jsonl`, "--engine", "wasm"], `${root}/runs`);
  const lines = (await Deno.readTextFile(`${root}/new/answers.jsonl`)).trim().split("\n");
  assertEquals(lines.length, 3);
  assert(typeof JSON.parse(lines[0]).answer === "string");
});

Deno.test("task evaluate asks each model in the form of its own tokenizer's chat template", async () => {
  const root = await playground();
  const file = `${root}/student/model/tokenizer_config.json`;
  const config = JSON.parse(await Deno.readTextFile(file));
  const template = "{% for message in messages %}<{{ message.role }}> {{ message.content }}\n{% endfor %}";
  await Deno.writeTextFile(file, JSON.stringify({ ...config, chat_template: template }));
  await main([...flagsOf(root), "--template", "auto", "--seeds", "1"], `${root}/runs`);
  const promptOf = async (model: string) => {
    const text = await Deno.readTextFile(`${root}/runs/evaluation/answers/${model}/waders/seed-1.jsonl`);
    return JSON.parse(text.split("\n")[0]).prompt;
  };
  assertEquals(await promptOf("own"), "<user> Name a wader like heron.\n");
  assert((await promptOf("teacher")).endsWith("### Response:\n"));
  const chat = () => main([...flagsOf(root), "--template", "chat", "--seeds", "1"], `${root}/runs`);
  await assertRejects(chat, TypeError, "must have a chat template");
});

Deno.test("task evaluate --unique-ngrams answers without a pair of tokens that occurs twice, on sets and without", async () => {
  const root = await playground();
  for (const split of ["train", "test"]) {
    await Deno.copyFile(`${root}/waders/valid.jsonl`, `${root}/waders/${split}.jsonl`);
  }
  const tokenizer = await loadTokenizer("data/tokenizer");
  const twice = (text: string) => {
    const ids = tokenizer.encode(text);
    const pairs = ids.slice(1).map((id, at) => `${ids[at]} ${id}`);
    return new Set(pairs).size < pairs.length;
  };
  const answersOf = async (path: string) =>
    (await Deno.readTextFile(path)).trim().split("\n").map((line) => JSON.parse(line).answer as string);
  const greedy = ["--temperature", "0", "--seeds", "10"];
  for (const flags of [[], ["--unique-ngrams", "2"]]) {
    const name = `sets-${flags.length}`;
    await main([...flagsOf(root), ...greedy, "--name", name, ...flags], `${root}/runs`);
    const onSets = await answersOf(`${root}/runs/${name}/answers/teacher/waders/seed-10.jsonl`);
    const path = `${root}/answers-${flags.length}.jsonl`;
    const corpus = ["--model", `${root}/teacher/model`, "--data", `${root}/waders`, "--answers", path];
    await main([...corpus, "--test-rows", "3", "--valid-rows", "3", "--engine", "wasm", ...flags], `${root}/runs`);
    const repeated = [...onSets, ...await answersOf(path)].filter(twice);
    assert(flags.length === 0 ? repeated.length > 0 : repeated.length === 0, repeated.join("; "));
  }
  await assertRejects(
    () => main([...flagsOf(root), "--min-p", "0.1", ...greedy]),
    Error,
    "only with --temperature above 0",
  );
});
