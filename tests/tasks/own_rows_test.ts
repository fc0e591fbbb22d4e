/** Rows of one's own, in the shapes and with the lengths that they have, through the tasks that train and score. */
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";
import { main as data } from "../../tasks/data.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as evaluate } from "../../tasks/evaluate.ts";
import { main as pseudoTargets } from "../../tasks/pseudo_targets.ts";
import { main as sft } from "../../tasks/sft.ts";
import { readInstructions } from "../../lib/datasets/instruction_file.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");
const sizes = { model_type: "gpt2", n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2, vocab_size: 4096 };
const template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}<assistant>";

/** A folder with a teacher, a student, a tokenizer with a chat template, and these rows in a file. */
async function scene(rows: object[], { name = "mine.jsonl", mark = false } = {}) {
  const folder = await Deno.makeTempDir();
  for (const [seed, name] of ["teacher", "student"].entries()) {
    await saveModel(initializeModel(sizes, { seed }), `${folder}/${name}`);
    const { tokenizer, config } = await readTokenizerFiles("data/tokenizer");
    await Deno.writeTextFile(`${folder}/${name}/tokenizer.json`, tokenizer);
    const chatting = JSON.stringify({ ...JSON.parse(config), chat_template: template });
    await Deno.writeTextFile(`${folder}/${name}/tokenizer_config.json`, chatting);
  }
  const text = rows.map((row) => JSON.stringify(row)).join("\r\n");
  await Deno.writeTextFile(`${folder}/${name}`, (mark ? "\ufeff" : "") + text);
  const models = ["--teacher", `${folder}/teacher`, "--student", `${folder}/student`];
  const steps = ["--steps", "2", "--batch-size", "2", "--engine", "wasm"];
  return { folder, models, steps, file: `${folder}/${name}` };
}

/** Runs a task, and gives back what it said. */
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

const turn = (index: number, more = "") => ({
  messages: [
    { role: "user", content: `Name bird ${index}. ${more}` },
    { role: "assistant", content: `heron ${index}` },
  ],
});
const long = "far and wide ".repeat(60);

Deno.test("distill, sft and evaluate take a file of messages with a mark and long rows, split it and say what was cut", async () => {
  const rows = Array.from({ length: 30 }, (_, index) => turn(index, index % 10 === 0 ? long : ""));
  const { folder, models, steps, file } = await scene(rows, { mark: true });
  const split = `${file} has 30 rows: 24 to train on, 3 to validate on, 3 to be answered; the same ones in every run`;
  const counted = /train +24 +\d+ +\d+ +\d+ +0 +0\nvalid +3 .*\ntest +3 /;
  const run = ["--data", file, "--name", "a"];
  const first = await said(() => distill([...run, ...models, ...steps], folder));
  assert(first.includes(split) && counted.test(first), first);
  const report = await Deno.readTextFile(`${folder}/a/report.html`);
  assert(report.includes("Name bird") && !/### Response|&lt;assistant&gt;/.test(report), "shown without a template");

  const second = await said(() =>
    sft(["--data", file, "--name", "b", "--model", `${folder}/student`, ...steps, "--long-prompts", "drop"], folder)
  );
  assert(second.includes(split) && / [1-3]\n|train +2[0-4] /.test(second), second);
  const cut = Number(/train +24 +\d+ +\d+ +(\d+)/.exec(first)![1]);
  assertEquals(Number(/train +(\d+)/.exec(second)![1]), 24 - cut);

  const scored = await said(() =>
    evaluate([
      "--data",
      file,
      "--model",
      `${folder}/student`,
      "--answers",
      `${folder}/answers.jsonl`,
      "--engine",
      "wasm",
    ])
  );
  assert(scored.includes(split), scored);
  const answers = await Deno.readTextFile(`${folder}/answers.jsonl`);
  assertEquals(
    answers.trim().split("\n").map((line) => Object.keys(JSON.parse(line))),
    Array(3).fill([
      "kind",
      "prompt",
      "outputs",
      "answer",
    ]),
  );
});

Deno.test("distill and data make the same rows of the same file", async () => {
  const rows = Array.from({ length: 30 }, (_, index) => turn(index, index % 4 === 0 ? long : ""));
  const { folder, models, steps, file } = await scene(rows);
  const lengths = ["--max-prompt-length", "60", "--max-length", "90"];
  const prepared = await said(() =>
    data([
      "mine",
      "--input",
      file,
      "--output",
      `${folder}/p`,
      "--tokenizer",
      `${folder}/teacher`,
      "--workers",
      "0",
      ...lengths,
    ])
  );
  const direct = await said(() => distill(["--data", file, "--name", "a", ...models, ...steps, ...lengths], folder));
  const counts = (text: string) => /^train +(.*)$/m.exec(text)![1].trim().split(/ +/);
  assertEquals(counts(direct), counts(prepared));
  assert(Number(counts(direct)[3]) > 0, direct);
});

Deno.test("every shape of row is learnt from and answered", async () => {
  const shapes = [
    (i: number) => ({ prompt: `The bird ${i} is a`, completion: " heron" }),
    (i: number) => ({
      prompt: [{ role: "user", content: `Bird ${i}?` }],
      completion: [{ role: "assistant", content: "heron" }],
    }),
    (i: number) => ({ question: `Which bird is ${i}?`, answer: "heron", note: null }),
    (i: number) => ({
      instruction: `Name bird ${i}.`,
      context: "By the lake.",
      response: ["heron", "stork"],
      input: null,
    }),
    (i: number) => ({ conversations: [{ from: "human", value: `Bird ${i}?` }, { from: "gpt", value: "heron" }] }),
    (i: number) => ({ text: `The heron number ${i} wades in the shallow water of the lake.` }),
  ];
  const rows = Array.from({ length: 60 }, (_, index) => shapes[index % shapes.length](index));
  const { folder, models, steps, file } = await scene(rows);
  const text = await said(() => distill(["--data", file, "--name", "a", ...models, ...steps], folder));
  assert(/train +48 .* 0\nvalid +6 .* 0\ntest +6 /.test(text), text);
});

Deno.test("pseudo-targets answers the rows of a file to train on as the chat template asks, and keeps the others", async () => {
  const { folder, file } = await scene(Array.from({ length: 12 }, (_, index) => turn(index)));
  const flags = ["--teacher", `${folder}/teacher`, "--data", file, "--name", "t", "--engine", "wasm"];
  await said(() => pseudoTargets([...flags, "--max-prompt-length", "40", "--max-length", "48"], folder));
  const train = await readInstructions(`${folder}/t/train.jsonl`);
  assert(train.every(({ prompt }) => /^<user>Name bird \d+\. \n<assistant>$/.test(prompt)), JSON.stringify(train[0]));
  const [valid] = await readInstructions(`${folder}/t/valid.jsonl`);
  assert(/^heron \d+$/.test(valid.outputs[0]) && valid.instruction.startsWith("Name bird"));
});

Deno.test("evaluate --sets asks messages by the chat template, and cuts long ones within it", async () => {
  const { folder, file } = await scene([turn(0), turn(1, long), { question: "A?", answer: "b" }]);
  const sets = [
    "--sets",
    `mine=${file}`,
    "--models",
    `s=${folder}/student`,
    "--seeds",
    "1",
    "--name",
    "e",
    "--engine",
    "wasm",
  ];
  const lengths = ["--max-prompt-length", "60", "--max-length", "64"];
  const text = await said(() => evaluate([...sets, ...lengths], folder));
  assert(text.includes("table: "), text);
  const answers = (await Deno.readTextFile(`${folder}/e/answers/s/mine/seed-1.jsonl`)).trim().split("\n");
  const prompts = answers.map((line) => JSON.parse(line).prompt as string);
  assertEquals(prompts[0], "<user>Name bird 0. \n<assistant>");
  assert(prompts[1].startsWith("<user>Name bird 1. far") && prompts[1].endsWith("\n<assistant>"));
  assertEquals(prompts[2], alpacaPrompt({ instruction: "A?" }), "own prompts are Alpaca's where a line has none");
});

Deno.test("tasks name the file and the line of a row that they cannot use, and what rows look like", async () => {
  const rows = [turn(0), turn(1), { messages: [...turn(2).messages, ...turn(3).messages] }, turn(4)];
  const { folder, models, steps, file } = await scene(rows);
  const run = (path: string, ...more: string[]) => () =>
    distill(["--data", path, "--name", "a", ...models, ...steps, ...more], folder);
  await assertRejects(run(file), Error, `${file}, line 3: messages has 2 turns, only conversations of one turn`);
  const good = await scene(Array.from({ length: 10 }, (_, index) => turn(index)));
  const odd = await scene([{ qestion: "A?", anwser: "b" }]);
  await assertRejects(run(odd.file), Error, 'did you mean "question" by "qestion"? Rows look like one of these');
  await assertRejects(run(odd.file), Error, '{"question": "Which wader is grey?", "answer": "heron"}');
  const latin = await scene([turn(0)]);
  await Deno.writeFile(latin.file, Uint8Array.of(0x7b, 0x22, 0xe9, 0x22, 0x7d));
  await assertRejects(
    run(latin.file),
    Error,
    `${latin.file}, line 1, column 3: its bytes are not UTF-8: 0xE9 would be "é"`,
  );
  await assertRejects(
    run(good.file, "--max-length", "97"),
    Error,
    "--max-length: it must be at most the models' context of 96",
  );
  await assertRejects(
    run("wordnet", "--prompt", "chat"),
    Error,
    "Cannot use --prompt: the built-in corpus has its own",
  );
});

Deno.test("an Alpaca row longer than the context is learnt with its template whole", async () => {
  const rows = Array.from({ length: 10 }, (_, i) => ({ instruction: `Name bird ${i}. ${long}`, output: "heron" }));
  const { folder, models, steps, file } = await scene(rows);
  const flags = ["--data", file, "--name", "a", ...models, ...steps, "--prompt", "alpaca"];
  assert(/train +8 +\d+ +\d+ +8 +0 +0/.test(await said(() => distill(flags, folder))));
  assert(alpacaPrompt(rows[0]).length > 700);
});
